/** A flag without its name, which is its key in the handler. `dryRun` is `--dry-run`. */
export type OptionDefinition = OptionKind & {
  readonly summary: string;
  /** It deletes or overwrites, or skips the prompt for that: it is never suggested for a misspelled flag. */
  readonly destructive?: true;
};

/** Possible values, for shell completion: these words, or names from the config, crc or the folder. */
export type Values =
  | readonly string[]
  | 'files'
  | 'regions'
  | 'resources'
  | 'roles'
  | 'functions'
  | 'states'
  | 'repositories';

type OptionKind =
  /** `--yes`: true when given. */
  | { readonly kind: 'switch' }
  /** `--no-color`: false when given, else true. */
  | { readonly kind: 'negated' }
  /** `--region <region>`. */
  | { readonly kind: 'value'; readonly placeholder: string; readonly default?: string; readonly values?: Values }
  /** `--rollback [version]`: true without a value. */
  | { readonly kind: 'optional-value'; readonly placeholder: string }
  /** `--only <id>`, which may be repeated. */
  | { readonly kind: 'repeatable'; readonly placeholder: string; readonly values?: Values };

export type OptionDefinitions = Readonly<Record<string, OptionDefinition>>;

/** The handler's type for each kind of flag. */
interface OptionValues {
  readonly switch: boolean;
  readonly negated: boolean;
  readonly value: string;
  readonly 'optional-value': string | true;
  readonly repeatable: readonly string[];
}

/** The flags as a handler receives them. A flag without a value and a default is absent. */
export type ValuesOf<D extends OptionDefinitions> = { readonly [name in keyof D]?: OptionValues[D[name]['kind']] };

/** The flags that every command takes. */
export const GLOBAL_OPTIONS = {
  config: {
    kind: 'value',
    placeholder: 'file',
    values: 'files',
    summary: 'config file (default: crc.config.json, searched upward from here)',
  },
  region: {
    kind: 'value',
    placeholder: 'region',
    values: 'regions',
    summary: 'AWS region; overrides the one in the config',
  },
  profile: { kind: 'value', placeholder: 'name', summary: 'AWS profile to take the credentials from' },
  endpointUrl: { kind: 'value', placeholder: 'url', summary: 'endpoint of an AWS emulator, for all services' },
  json: { kind: 'switch', summary: 'print one JSON document on stdout and nothing else' },
  verbose: { kind: 'switch', summary: 'show each API call, its duration and its request id on stderr' },
  color: { kind: 'negated', summary: 'print without colors' },
} as const satisfies OptionDefinitions;

export type GlobalOptions = ValuesOf<typeof GLOBAL_OPTIONS>;

/** The flag of commands that work on single resources. Like a global flag, it may precede the command name. */
export const ONLY = {
  kind: 'repeatable',
  placeholder: 'id',
  values: 'resources',
  summary: 'only this resource, for example role/NAME (repeatable)',
} as const satisfies OptionDefinition;

/** The flag of commands that show a plan or findings. */
export const DETAILS = {
  kind: 'switch',
  summary: 'show every value, and policies in full',
} as const satisfies OptionDefinition;

/** The flag of commands that work on one state. */
export const WORKSPACE = {
  kind: 'value',
  placeholder: 'name',
  summary: 'a Terraform workspace other than default',
} as const satisfies OptionDefinition;

/** The flags of the commands that work on resources. */
export type ResourceOptions = GlobalOptions & { readonly only?: readonly string[] };
