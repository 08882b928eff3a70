import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

/** What AWS's Service Authorization Reference says of a service (scripts/iam-reference.mjs writes it at build time). */
interface Service {
  /** Patterns by resource type: `arn:${Partition}:s3:::${BucketName}`. */
  readonly arns: Readonly<Record<string, readonly string[]>>;
  /** The access level, then resource types: `bucket*` where every call has one, `vpc*+` where a condition can ask for its tags. */
  readonly actions: Readonly<Record<string, readonly string[]>>;
}

export interface ResourceType {
  readonly name: string;
  readonly arns: readonly string[];
  readonly required: boolean;
  /** Whether `aws:ResourceTag` is a condition key of the action on it. */
  readonly tagged: boolean;
}

export interface Action {
  /** `s3:CreateBucket`, as AWS spells it */
  readonly name: string;
  /** Neither changes anything nor grants anything. */
  readonly reads: boolean;
  /** Changes tags alone. */
  readonly tags: boolean;
  /** None where AWS has no resource level: the action is allowed on `*` or not at all. */
  readonly resourceTypes: readonly ResourceType[];
}

/** AWS's Service Authorization Reference: https://docs.aws.amazon.com/service-authorization/latest/reference/ */
export class Reference {
  readonly #texts: Readonly<Record<string, string>>;
  readonly #services = new Map<string, Service>();
  readonly #actions = new Map<string, Action>();

  /** `texts`: a JSON document for each prefix. */
  constructor(texts: Readonly<Record<string, string>>) {
    this.#texts = texts;
  }

  /** Whether a service has this prefix in IAM's actions: `s3`. */
  has(prefix: string): boolean {
    return Object.hasOwn(this.#texts, prefix);
  }

  prefixes(): readonly string[] {
    return Object.keys(this.#texts);
  }

  /** The action by its name in any case, or undefined where AWS has none of that name. */
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

/** Reads the reference from the file beside the program; of the sources' tests, from the last build. */
export function readReference(): Reference {
  const beside = import.meta.url.includes('/src/terraform/') ? '../../../dist/' : './';
  const file = fileURLToPath(new URL(`${beside}iam-reference.json.br`, import.meta.url));
  return new Reference(JSON.parse(brotliDecompressSync(readFileSync(file)).toString('utf8')));
}

function resourceType(service: Service, text: string): ResourceType {
  const [, name = '', required, tagged] = /^(.*?)(\*)?(\+)?$/.exec(text) ?? [];
  return { name, arns: arnsOf(service, name), required: required !== undefined, tagged: tagged !== undefined };
}

/** Actions name types in another case than their own definition at times. */
function arnsOf(service: Service | undefined, type: string): readonly string[] {
  const lower = type.toLowerCase();
  return Object.entries(service?.arns ?? {}).find(([name]) => name.toLowerCase() === lower)?.[1] ?? [];
}
