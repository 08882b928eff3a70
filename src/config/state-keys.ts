import type { Issue } from '../errors.ts';
import { DEFAULT_WORKSPACE_PREFIX } from '../policies/terraform.ts';
import { hiddenCharacter } from './characters.ts';
import { type Check, withAdvice } from './names.ts';

/**
 * The key of a state object in the bucket, which is also part of ARNs and lock items. Spaces and dots are valid in S3
 * and Terraform.
 */
export const stateKey: Check = (key) => {
  const instead = (problem: string, advice: string) => withAdvice(problem, advice, stateKey);
  if (key === '') return 'must not be empty; write a key like "resume/terraform.tfstate"';
  if (key.startsWith('/')) return instead('must not start with a slash', key.replace(/^\/+/, ''));
  if (key.endsWith('/')) return instead('must not end with a slash', `${key}terraform.tfstate`);
  if (key.includes('//')) return instead('must not have two slashes in a row', key.replace(/\/{2,}/g, '/'));
  if (/[*?]|\$\{/.test(key)) return 'must not have *, ? or ${: IAM would match other keys too; write the key itself';
  const hidden = hiddenCharacter(key);
  if (hidden !== undefined) return hidden;
  if (key.trim() !== key) return instead('must not start or end with a space', key.trim());
  const segments = key.split('/');
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    const right = segments.filter((segment) => segment !== '.' && segment !== '..').join('/') || 'terraform.tfstate';
    return instead('must not have "." or ".." as a folder, which S3 clients resolve to another key', right);
  }
  if (key.startsWith(`${DEFAULT_WORKSPACE_PREFIX}/`))
    return 'must not start with "env:/", where Terraform keeps the states of workspaces';
  if (key.endsWith('.tflock')) return 'must not end with ".tflock", which is the lock file of a state';
  const bytes = new TextEncoder().encode(key).length;
  return bytes > 1_000 ? 'must be at most 1000 bytes, so that S3 has room for the name of the lock file' : undefined;
};

/** `workspace_key_prefix` of a backend block; like a key, it is part of ARNs and lock items. */
export const workspaceKeyPrefix: Check = (prefix) => {
  if (prefix === DEFAULT_WORKSPACE_PREFIX) return undefined;
  if (prefix === '')
    return 'must not be empty: the role could use the states of all other roles; write a prefix like "env:"';
  if (prefix.endsWith('/'))
    return withAdvice('must not end with a slash', prefix.replace(/\/+$/, ''), workspaceKeyPrefix);
  return stateKey(prefix);
};

interface StateEntry {
  readonly path: string;
  readonly role: string;
  readonly key: string;
  readonly prefix: string;
  readonly access: 'read' | 'write';
}

interface StateUser {
  readonly name: string;
  readonly state: readonly {
    readonly key: string;
    readonly access: 'read' | 'write';
    readonly workspaceKeyPrefix: string;
  }[];
}

/** The valid roles in a config, with their paths. */
interface Roles {
  readonly roles: readonly { readonly index: number; readonly value: StateUser }[];
}

function stateEntries({ roles }: Roles): readonly StateEntry[] {
  return roles.flatMap(({ index, value }) =>
    value.state.map(({ key, access, workspaceKeyPrefix: prefix }, at) => ({
      path: `roles[${index}].state[${at}].key`,
      role: value.name,
      key,
      prefix,
      access,
    })),
  );
}

/**
 * Rejects a key that two roles write, since they would overwrite each other's state, and a key listed twice in a role.
 */
export function stateKeys(parts: Roles): readonly Issue[] {
  const writers = new Map<string, StateEntry>();
  const seen = new Set<string>();
  return stateEntries(parts).flatMap((entry) => {
    const problem = (message: string) => [{ path: entry.path, message }];
    if (seen.has(keyInRole(entry))) return problem(`is the key "${entry.key}" twice in this role; leave one out`);
    seen.add(keyInRole(entry));
    if (entry.access === 'read') return [];
    const writer = writers.get(entry.key);
    if (writer !== undefined) {
      return problem(
        `is the key "${entry.key}", which is also written by ${writer.role} (${writer.path}): each would overwrite the other's state; choose another key, or "access": "read"`,
      );
    }
    writers.set(entry.key, entry);
    return [];
  });
}

/**
 * What Terraform appends to `key` for related objects: the lock file in the bucket, and the digest in the lock table,
 * whose items are `BUCKET/key` and `BUCKET/key-md5`.
 */
const SUFFIXES = ['', '-md5', '.tflock'];

/** Terraform keeps the digest of the state `key` in the lock table's item `key-md5`. */
export function digestKeys(parts: Roles): readonly Issue[] {
  const entries = stateEntries(parts);
  const digests = new Set(entries.map(({ key }) => `${key}-md5`));
  return entries
    .filter(({ key }) => digests.has(key))
    .map(({ path, key }) => ({
      path,
      message: `is the key "${key}", where Terraform keeps the digest of "${key.slice(0, -'-md5'.length)}"; choose another key`,
    }));
}

/**
 * A wildcard in an ARN or a lock item also matches slashes, so the workspaces of `a/b` (`env:/` + anything + `/a/b`)
 * include those of `x/a/b`, and those of `a` include the digests of `x/a-md5`. Workspace names contain no slash, so
 * this happens exactly if one key ends with a slash and the whole other key, each including what Terraform appends. A
 * role that has both states gains nothing.
 */
export function workspaceKeys(parts: Roles): readonly Issue[] {
  const entries = stateEntries(parts);
  const takingIn = statesByKey(entries);
  const writable = new Set(entries.filter(({ access }) => access === 'write').map(keyInRole));
  const usable = new Set(entries.map(keyInRole));
  return entries.flatMap(({ path, role, key, prefix }) => {
    const inner = takingIn(key).find((other) => {
      const own = keyInRole({ role: other.role, key });
      const hasBoth = writable.has(own) || (other.access === 'read' && usable.has(own));
      return other.role !== role && overlap(other.prefix, prefix) && !hasBoth;
    });
    if (inner === undefined) return [];
    return [
      {
        path,
        message: `is the key "${key}", which ends like "${inner.key}", so that ${inner.role} could use the workspaces of this state; start each key with a name of its own, like "${role}/…" and "${inner.role}/…"`,
      },
    ];
  });
}

/** The workspaces of a key are in one place: two roles with different prefixes would each miss the other's. */
export function workspacePrefixes(parts: Roles): readonly Issue[] {
  const firsts = new Map<string, StateEntry>();
  return stateEntries(parts).flatMap((entry) => {
    const { key, prefix, path } = entry;
    const first = firsts.get(key) ?? entry;
    firsts.set(key, first);
    return first.prefix === prefix
      ? []
      : [
          {
            path: path.replace(/key$/, 'workspaceKeyPrefix'),
            message: `is "${prefix}", and ${first.role} has "${first.prefix}" for the same key; write the workspace_key_prefix of its backend block into both`,
          },
        ];
  });
}

/** A key below a state's prefix is where that state's workspaces would be. */
export function keysBelowPrefixes(parts: Roles): readonly Issue[] {
  const entries = stateEntries(parts);
  const takingIn = statesByKey(entries);
  return entries.flatMap(({ path, key }) => {
    const other = takingIn(key).find(({ prefix }) => isBelow(prefix, key));
    return other === undefined
      ? []
      : [
          {
            path,
            message: `is the key "${key}", where a workspace of "${other.key}" keeps its state; choose a key that does not start with "${other.prefix}/"`,
          },
        ];
  });
}

/**
 * Whether an object at a key would be mistaken for a part of another state: a workspace, or the digest in the lock
 * table.
 */
export function isKeptFor({ key, prefix }: Pick<StateEntry, 'key' | 'prefix'>, object: string): boolean {
  return object === `${key}-md5` || (isBelow(prefix, object) && takesIn(key, object));
}

function isBelow(prefix: string, key: string): boolean {
  return key.startsWith(`${prefix}/`);
}

/** Whether workspaces of the two prefixes can be in the same folder. */
function overlap(a: string, b: string): boolean {
  return isBelow(b, `${a}/`) || isBelow(a, `${b}/`);
}

/** Role names contain no spaces. */
function keyInRole({ role, key }: Pick<StateEntry, 'role' | 'key'>): string {
  return `${role} ${key}`;
}

/** Whether a role's access to the workspaces of one state includes something of another state's. */
function takesIn(key: string, other: string): boolean {
  const ends = endsOf(other);
  return namesOf(key).some((name) => ends.includes(name));
}

/**
 * Finds the states whose workspaces include something of a key's, in config order. Looks up the suffixes of the key,
 * since comparing a thousand states pairwise takes longer than the rest of reading a config.
 */
function statesByKey(entries: readonly StateEntry[]): (key: string) => readonly StateEntry[] {
  const byName = new Map<string, number[]>();
  for (const [index, { key }] of entries.entries()) {
    for (const name of namesOf(key)) {
      const indexes = byName.get(name) ?? [];
      indexes.push(index);
      byName.set(name, indexes);
    }
  }
  return (key) => {
    const indexes = new Set(endsOf(key).flatMap((end) => byName.get(end) ?? []));
    return [...indexes].sort((a, b) => a - b).flatMap((index) => entries[index] ?? []);
  };
}

/** The names that Terraform uses for a state at a key. */
function namesOf(key: string): readonly string[] {
  return SUFFIXES.map((suffix) => `${key}${suffix}`);
}

/** Everything after a slash in those names. */
function endsOf(key: string): readonly string[] {
  const slashes = [...key.matchAll(/\//g)].map(({ index }) => index);
  return namesOf(key).flatMap((name) => slashes.map((at) => name.slice(at + 1)));
}
