import { isJsonObject } from '../../json.ts';
import type { PermissionsPlace } from './call.ts';

/** Names of variables whose values AWS assigns on creation. */
const ASSIGNED_BY_AWS =
  /(Id|ID|UUID|Uuid|Token|StreamLabel|RunLabel|LayerVersion|^Version|Revision|RevisionNumber|CreationTime\w*|UniqueAttributesHex|RandomString)$/;

/**
 * Ids that the user chooses; see
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
 */
const CHOSEN_BY_USER: ReadonlySet<string> = new Set(['CacheClusterId', 'ReplicationGroupId', 'UserGroupId']);

/** The suffix of names that Terraform generates: the time and a counter (`id.PrefixedUniqueId` in its SDK). */
const UNIQUE_SUFFIX = /\d{18}[0-9a-f]{8}/g;

/** Ids that AWS, or Terraform's `uuid()`, generates. */
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;

/** Resources of Terraform's utility providers whose values differ in each state. */
const RANDOM = /^(random_(id|pet|string|uuid|integer|bytes|shuffle)|time_(static|rotating))$/;

/** Stands for `*` until IAM's special characters are escaped; it never occurs in a request. */
export const ANYTHING = '\0';

/**
 * Characters that IAM does not treat as text; a dollar sign alone is literal.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars
 */
const SPECIAL_CHARACTERS = /[*?]|\$(?=\{)/g;

/** Distinguishes names that are the same in another account and in another run from names that are not. */
export class Names {
  readonly #place: PermissionsPlace;
  readonly #random: readonly string[];
  readonly #existing: ReadonlySet<string>;

  constructor(place: PermissionsPlace) {
    this.#place = place;
    // A generated name may contain the account too: the prefix of a `random_pet`.
    this.#random = randomValues(place).map((value) => this.#inAccount(value));
    this.#existing = existingIds(place);
  }

  /** A variable with its value, or with `*` if AWS assigns the value, and for random parts of other values. */
  value(variable: string, value: string): string {
    if (ASSIGNED_BY_AWS.test(variable) && !CHOSEN_BY_USER.has(variable) && !this.#existing.has(value)) return '*';
    return this.stable(value);
  }

  /**
   * A text with `*` for parts that differ in each run, in the statements' account, and with IAM's special characters
   * escaped in the rest.
   */
  stable(text: string): string {
    const marked = this.#random.reduce((all, random) => all.replaceAll(random, ANYTHING), this.#inAccount(text));
    return marked
      .replace(UNIQUE_SUFFIX, ANYTHING)
      .replace(UUID, (id) => (this.#existing.has(id) ? id : ANYTHING))
      .replace(SPECIAL_CHARACTERS, (sign) => `\${${sign}}`)
      .replace(/\0+/g, '*');
  }

  /** The path of an IAM role, user, group, policy or instance profile in the state: `/ci/`. */
  pathOf(type: string, name: string): string | undefined {
    const end = `/${name}`;
    for (const { attributes } of this.#place.state) {
      const [, path] = new RegExp(`^arn:[^:]+:iam::[^:]*:${type}(/.*)$`).exec(String(attributes.arn ?? '')) ?? [];
      if (path?.endsWith(end)) return path.slice(0, -name.length);
    }
    return undefined;
  }

  /** Names often contain the account, as in `site-123456789012`: bucket names must be globally unique. */
  #inAccount(text: string): string {
    const { accountId, recordedAccountId } = this.#place;
    if (recordedAccountId === undefined || recordedAccountId === accountId) return text;
    return text.replaceAll(recordedAccountId, accountId === '*' ? ANYTHING : accountId);
  }

  /** The account in an ARN: the recorded account is replaced by the statements' account, others are kept. */
  account(account: string): string {
    return account === this.#place.recordedAccountId ? this.#place.accountId : account;
  }
}

function randomValues({ state }: PermissionsPlace): readonly string[] {
  const values = state
    .filter(({ type }) => RANDOM.test(type))
    .flatMap(({ attributes }) =>
      ['hex', 'b64_url', 'b64_std', 'dec', 'id', 'result'].flatMap((name) => {
        const value = attributes[name];
        return typeof value === 'string' ? [value] : [];
      }),
    );
  // A short number would match in unrelated names.
  return [...new Set(values)].filter((value) => value.length >= 3).sort((a, b) => b.length - a.length);
}

/** Ids of resources that a configuration only reads, if the calls went to the real account; they are kept. */
function existingIds({ state, recordedAccountId }: PermissionsPlace): ReadonlySet<string> {
  if (recordedAccountId !== undefined) return new Set();
  const managed = new Set(state.filter(({ address }) => !isData(address)).map(({ attributes }) => attributes.id));
  return new Set(
    state.flatMap(({ address, attributes }) =>
      isData(address) && isJsonObject(attributes) && typeof attributes.id === 'string' && !managed.has(attributes.id)
        ? [attributes.id]
        : [],
    ),
  );
}

/** Whether an address is that of a data source: `module.network.data.aws_vpc.main`. */
export function isData(address: string): boolean {
  return /(^|\.)data\.[a-z0-9_]+\.[^.]+$/.test(address);
}
