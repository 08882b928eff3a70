import { shellWord } from '../../../shell.ts';
import { workspacePrefixOf } from '../../backend.ts';
import type { BackendProblem, BackendsConfig, S3Backend } from './problem.ts';
import { mayWriteState } from './state-writers.ts';

/** Two folders that write one object overwrite each other's state. */
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
            fix: `Give one of them another key before it is applied again, and look at what is there: \`crc state history ${shellWord(key)}\`.`,
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
              fix: `Choose a key that does not begin with ${other.prefix}/.`,
            },
          ];
    });
}

/** The workspace of a backend whose state is at this key: Terraform keeps it at PREFIX/WORKSPACE/KEY. */
function workspaceWithKey({ key, prefix }: S3Backend, object: string): string | undefined {
  if (key === undefined || !object.startsWith(`${prefix}/`) || !object.endsWith(`/${key}`)) return undefined;
  const workspace = object.slice(prefix.length + 1, -key.length - 1);
  return workspace === '' || workspace.includes('/') ? undefined : workspace;
}

/** The roles of the config have rights on the states of its keys, and on those of their workspaces. */
export function roleProblems(backend: S3Backend, config: BackendsConfig): readonly BackendProblem[] {
  const { key } = backend;
  if (key === undefined || config.roles.some((role) => mayWriteState(role, config, key)))
    return prefixProblems(backend, config);
  return [
    ...prefixProblems(backend, config),
    {
      id: 'no-role',
      message: `no role of the config may write the key ${key}`,
      fix: `Add it to a role: "state": [{ "key": ${JSON.stringify(key)}, "access": "write" }].`,
    },
  ];
}

/** The roles have rights on the workspaces where the config says that they are. */
function prefixProblems({ key, prefix, unknown }: S3Backend, config: BackendsConfig): readonly BackendProblem[] {
  const isKnown = config.roles.some(({ state }) => state.some((entry) => entry.key === key));
  if (key === undefined || !isKnown || unknown.includes('workspace_key_prefix')) return [];
  const wanted = workspacePrefixOf(config, key);
  if (prefix === wanted) return [];
  return [
    {
      id: 'workspace-prefix',
      message: `it keeps workspaces under ${prefix}/, and the roles of the config have rights under ${wanted}/`,
      fix: `Add "workspaceKeyPrefix": ${JSON.stringify(prefix)} to the state in the config, then run \`crc bootstrap\`.`,
    },
  ];
}
