import { stateKey } from '../../../config/state-keys.ts';
import { DEFAULT_WORKSPACE_PREFIX } from '../../../policies/terraform.ts';
import { shellWord } from '../../../shell.ts';
import { workspacePrefixOf } from '../../backend.ts';
import type { BackendProblem, BackendsConfig, S3Backend } from './problem.ts';
import { isInWorkspaceOf, mayWriteState } from './state-writers.ts';

/** Two folders that write the same object overwrite each other's state. */
export function sharedKeyProblems(
  { bucket, key }: S3Backend,
  otherBackends: readonly S3Backend[],
): readonly BackendProblem[] {
  if (bucket === undefined || key === undefined) return [];
  return otherBackends
    .filter((other) => other.bucket === bucket)
    .flatMap((other) => {
      const where = `${other.directory} (${other.place})`;
      if (other.key === key) {
        return [
          {
            id: 'duplicate-key',
            message: `it has the same bucket and key as ${where}: the two overwrite each other's state`,
            fix: `Apply neither until it is clear whose state is there: \`crc state history ${shellWord(key)}\`. Then give the other folder a key of its own, and run \`terraform init -reconfigure\` in it: -migrate-state would copy this state there, and its next apply would delete what is in it.`,
          },
        ];
      }
      const workspace = workspaceWithKey(other, key);
      return workspace === undefined
        ? []
        : [
            {
              id: 'workspace-key',
              message: `the key ${key} is where the workspace ${workspace} of ${where} keeps its state`,
              fix: `Choose a key that does not begin with ${other.prefix}/. Then \`terraform init -migrate-state\` moves the state, if it belongs to this folder; if it is the workspace's, run \`terraform init -reconfigure\`.`,
            },
          ];
    });
}

/** The workspace whose state is at this key: Terraform stores it at PREFIX/WORKSPACE/KEY. */
function workspaceWithKey({ key, prefix }: S3Backend, object: string): string | undefined {
  if (key === undefined || !object.startsWith(`${prefix}/`) || !object.endsWith(`/${key}`)) return undefined;
  const workspace = object.slice(prefix.length + 1, -key.length - 1);
  return workspace === '' || workspace.includes('/') ? undefined : workspace;
}

/** No role in the config may write the state, or the roles expect its workspaces under a different prefix. */
export function roleProblems(backend: S3Backend, config: BackendsConfig): readonly BackendProblem[] {
  const { key } = backend;
  if (key === undefined || config.roles.some((role) => mayWriteState(role, config, key)))
    return prefixProblems(backend, config);
  return [
    ...prefixProblems(backend, config),
    {
      id: 'no-role',
      message: `no role of the config may write the key ${key}`,
      fix: writerFix(backend, key, config),
    },
  ];
}

/** How to give a role write access to a state, in a form that the config accepts. */
function writerFix({ prefix }: S3Backend, key: string, config: BackendsConfig): string {
  const own = keyOfItsOwn(key, config);
  if (own !== undefined) {
    return `It is where a workspace keeps its state. Give the block a key of its own, such as ${own}, move the state with \`terraform init -migrate-state\` if it belongs to this folder, and add the key to a role: ${stateEntry({ key: own, prefix })}.`;
  }
  const refused = stateKey(key);
  if (refused !== undefined) {
    return `A key in the config ${refused}. Give the block another key, then run \`terraform init -migrate-state\`.`;
  }
  const readers = config.roles.filter(({ state }) => state.some((entry) => entry.key === key)).map(({ name }) => name);
  const role = readers.length === 0 ? 'a role' : `a role that applies (${readers.join(', ')} may only read it)`;
  return `Add it to ${role}: ${stateEntry({ key, prefix })}.`;
}

/** As written in the config. */
function stateEntry({ key, prefix }: { readonly key: string; readonly prefix: string }): string {
  const more = prefix === DEFAULT_WORKSPACE_PREFIX ? '' : `, "workspaceKeyPrefix": ${JSON.stringify(prefix)}`;
  return `"state": [{ "key": ${JSON.stringify(key)}, "access": "write"${more} }]`;
}

/**
 * A replacement for a workspace's key, PREFIX/WORKSPACE/KEY, which the config does not accept: WORKSPACE/KEY. One
 * folder with TF_WORKSPACE could use the state's own key, but folders that are each other's workspaces have a block
 * each.
 */
function keyOfItsOwn(object: string, { roles }: BackendsConfig): string | undefined {
  const known = roles.flatMap(({ state }) => state).find((entry) => isInWorkspaceOf(entry, object));
  const start = `${known?.workspaceKeyPrefix ?? DEFAULT_WORKSPACE_PREFIX}/`;
  const own = object.slice(start.length);
  return object.startsWith(start) && stateKey(own) === undefined ? own : undefined;
}

/** The block keeps workspaces under a prefix on which the roles have no permissions. */
function prefixProblems({ key, prefix, unknown }: S3Backend, config: BackendsConfig): readonly BackendProblem[] {
  const isKnown = config.roles.some(({ state }) => state.some((entry) => entry.key === key));
  if (key === undefined || !isKnown || unknown.includes('workspace_key_prefix')) return [];
  const wanted = workspacePrefixOf(config, key);
  if (prefix === wanted) return [];
  return [
    {
      id: 'workspace-prefix',
      message: `it keeps workspaces under ${prefix}/, and the roles of the config have rights under ${wanted}/`,
      fix: `If its workspaces are there, set "workspaceKeyPrefix": ${JSON.stringify(prefix)} on each state with this key in the config, then run \`crc bootstrap\`. If not, write workspace_key_prefix = ${JSON.stringify(wanted)} into the block.`,
    },
  ];
}
