/** A flag, without its name: that is its key, as a handler knows it. `dryRun` is `--dry-run`. */
export type OptionDefinition =
  /** `--yes`: true when given. */
  | { readonly kind: 'switch'; readonly summary: string }
  /** `--no-color`: false when given, else true. */
  | { readonly kind: 'negated'; readonly summary: string }
  /** `--region <region>`. */
  | { readonly kind: 'value'; readonly placeholder: string; readonly summary: string; readonly default?: string }
  /** `--rollback [version]`: true without a value. */
  | { readonly kind: 'optional-value'; readonly placeholder: string; readonly summary: string }
  /** `--only <id>`, which may be repeated. */
  | { readonly kind: 'repeatable'; readonly placeholder: string; readonly summary: string };

export type OptionDefinitions = Readonly<Record<string, OptionDefinition>>;

/** What each kind of flag is to a handler. */
interface OptionValues {
  readonly switch: boolean;
  readonly negated: boolean;
  readonly value: string;
  readonly 'optional-value': string | true;
  readonly repeatable: readonly string[];
}

/** The flags as a handler gets them. One that was not given and has no default is absent. */
export type ValuesOf<D extends OptionDefinitions> = { readonly [name in keyof D]?: OptionValues[D[name]['kind']] };

/** The flags that every command takes. */
export const GLOBAL_OPTIONS = {
  config: {
    kind: 'value',
    placeholder: 'file',
    summary: 'config file (default: crc.config.json, searched upward from here)',
  },
  region: { kind: 'value', placeholder: 'region', summary: 'AWS region; beats the one in the config' },
  profile: { kind: 'value', placeholder: 'name', summary: 'AWS profile for the credentials' },
  endpointUrl: { kind: 'value', placeholder: 'url', summary: 'endpoint for all AWS services, for an emulator' },
  json: { kind: 'switch', summary: 'print one JSON document on stdout and nothing else' },
  only: {
    kind: 'repeatable',
    placeholder: 'id',
    summary: 'only this resource, for example role/NAME (repeatable)',
  },
  verbose: { kind: 'switch', summary: 'show each API call, its time and its request id on stderr' },
  color: { kind: 'negated', summary: 'no colours' },
} as const satisfies OptionDefinitions;

export type GlobalOptions = ValuesOf<typeof GLOBAL_OPTIONS>;
