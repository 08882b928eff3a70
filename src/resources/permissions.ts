import { grant } from '../aws/actions.ts';
import { ALIAS, functionArn, type Place } from '../aws/names.ts';
import type { Config } from '../config/schema.ts';
import type { Resource } from '../engine/resource.ts';
import type { Grant } from '../engine/types.ts';
import { functionResourceIds } from './function-ids.ts';

/** The commands that a policy can be printed for. */
export const PERMITTED = ['bootstrap', 'verify', 'deploy-function', 'destroy'] as const;

export type PermittedCommand = (typeof PERMITTED)[number];

/**
 * What a command needs on this config, from what its resources name for their calls. Asking whose credentials these are
 * (sts:GetCallerIdentity) needs no permission. `deploy-function` is what a role of CI gets: it reads all that the functions are
 * made of, and ships code and settings; with the rights of `bootstrap` it creates the rest too.
 */
export function permissionsFor(
  command: PermittedCommand,
  { functions }: Pick<Config, 'functions'>,
  resources: readonly Resource[],
  place: Place,
): readonly Grant[] {
  if (command === 'verify') return resources.flatMap(({ actions }) => actions.read);
  if (command === 'bootstrap') return resources.flatMap(({ actions }) => [...actions.read, ...actions.write]);
  if (command === 'destroy') return resources.flatMap(({ actions }) => [...actions.read, ...actions.remove]);
  const ids = functions.flatMap((one) => functionResourceIds(one, functions));
  return [
    ...resources
      .filter(({ id }) => ids.includes(id))
      .flatMap(({ actions }) => [...actions.read, ...(actions.deploy ?? [])]),
    ...functions.flatMap((one) => testing(one, place)),
  ];
}

/** The smoke test and the rollback, which are no resource's own. */
function testing({ name, url }: Config['functions'][number], place: Place): readonly Grant[] {
  const arn = functionArn(place, name);
  return [
    grant('lambda', ['Invoke'], `${arn}:${ALIAS}`),
    ...(url === undefined ? [] : [grant('lambda', ['GetFunctionUrlConfig'], arn, `${arn}:${ALIAS}`)]),
    grant('lambda', ['GetFunction', 'ListTags', 'ListVersionsByFunction', 'GetAlias', 'UpdateAlias'], arn),
  ];
}
