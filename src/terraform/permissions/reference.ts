import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

/** A service in AWS's Service Authorization Reference (generated at build time by scripts/iam-reference.mjs). */
interface Service {
  /** Patterns by resource type: `arn:${Partition}:s3:::${BucketName}`. */
  readonly arns: Readonly<Record<string, readonly string[]>>;
  /**
   * The access level, then resource types: `bucket*` if every call has one, `vpc*+` if a condition can check its tags.
   */
  readonly actions: Readonly<Record<string, readonly string[]>>;
}

export interface ResourceType {
  readonly name: string;
  readonly arns: readonly string[];
  readonly required: boolean;
  /** Whether the action supports the condition key `aws:ResourceTag` for it. */
  readonly tagged: boolean;
}

export interface Action {
  /** `s3:CreateBucket`, as AWS spells it */
  readonly name: string;
  /** Whether it neither changes nor grants anything. */
  readonly reads: boolean;
  /** Whether it only changes tags. */
  readonly tags: boolean;
  /** Empty if the action has no resource-level permissions: it is allowed on `*` or not at all. */
  readonly resourceTypes: readonly ResourceType[];
}

/** AWS's Service Authorization Reference: https://docs.aws.amazon.com/service-authorization/latest/reference/ */
export class Reference {
  readonly #texts: Readonly<Record<string, string>>;
  readonly #services = new Map<string, Service>();
  readonly #actions = new Map<string, Action>();

  /** `texts`: one JSON document per prefix. */
  constructor(texts: Readonly<Record<string, string>>) {
    this.#texts = texts;
  }

  /** Whether a service has this prefix in IAM actions: `s3`. */
  has(prefix: string): boolean {
    return Object.hasOwn(this.#texts, prefix);
  }

  prefixes(): readonly string[] {
    return Object.keys(this.#texts);
  }

  /** The action with a name in any case; undefined if it does not exist. */
  action(prefix: string, name: string): Action | undefined {
    const id = `${prefix}:${name}`.toLowerCase();
    const known = this.#actions.get(id);
    if (known !== undefined) return known;
    const service = this.#service(prefix);
    const lower = name.toLowerCase();
    const entry = Object.entries(service?.actions ?? {}).find(([action]) => action.toLowerCase() === lower);
    if (service === undefined || entry === undefined) return undefined;
    const [spelling, [level = '', ...types]] = entry;
    const action = {
      name: `${prefix}:${spelling}`,
      reads: /^(List|Read)$/.test(level),
      tags: level.includes('Tagging'),
      resourceTypes: types.map((type) => resourceType(service, type)),
    };
    this.#actions.set(id, action);
    return action;
  }

  /** The patterns of all resource types of a service. */
  allArns(prefix: string): readonly string[] {
    return Object.values(this.#service(prefix)?.arns ?? {}).flat();
  }

  /** The patterns of one resource type of a service. */
  arns(prefix: string, type: string): readonly string[] {
    return arnsOf(this.#service(prefix), type);
  }

  #service(prefix: string): Service | undefined {
    const known = this.#services.get(prefix);
    const text = this.has(prefix) ? this.#texts[prefix] : undefined;
    if (known !== undefined || text === undefined) return known;
    const service: Service = JSON.parse(text);
    this.#services.set(prefix, service);
    return service;
  }
}

/** Reads the reference from the file next to the program; in tests of the sources, from the last build. */
export function readReference(): Reference {
  const beside = import.meta.url.includes('/src/terraform/') ? '../../../dist/' : './';
  const file = fileURLToPath(new URL(`${beside}iam-reference.json.br`, import.meta.url));
  return new Reference(JSON.parse(brotliDecompressSync(readFileSync(file)).toString('utf8')));
}

function resourceType(service: Service, text: string): ResourceType {
  const [, name = '', required, tagged] = /^(.*?)(\*)?(\+)?$/.exec(text) ?? [];
  return { name, arns: arnsOf(service, name), required: required !== undefined, tagged: tagged !== undefined };
}

/** Actions sometimes spell types in a different case from their definition. */
function arnsOf(service: Service | undefined, type: string): readonly string[] {
  const lower = type.toLowerCase();
  return Object.entries(service?.arns ?? {}).find(([name]) => name.toLowerCase() === lower)?.[1] ?? [];
}
