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
 * (sts:GetCallerIdentity) needs no permission.
 */
export function permissionsFor(
  command: PermittedCommand,
  { functions }: Pick<Config, 'functions'>,
  resources: readonly Resource[],
  place: Place,
): readonly Grant[] {
  const all = (some: readonly Resource[]) => some.flatMap(({ actions }) => [...actions.read, ...actions.write]);
  if (command === 'verify') return resources.flatMap(({ actions }) => actions.read);
  if (command === 'bootstrap') return all(resources);
  if (command === 'destroy') return resources.flatMap(({ actions }) => [...actions.read, ...actions.remove]);
  const ids = functions.flatMap((one) => functionResourceIds(one, functions));
  return [
    ...all(resources.filter(({ id }) => ids.includes(id))),
    ...functions.flatMap(({ name }) => testing(name, place)),
  ];
}

/** The smoke test and the rollback, which are no resource's own. */
function testing(name: string, place: Place): readonly Grant[] {
  const arn = functionArn(place, name);
  return [
    grant('lambda', ['Invoke', 'GetFunctionUrlConfig'], `${arn}:${ALIAS}`),
    grant('lambda', ['ListVersionsByFunction', 'GetAlias', 'UpdateAlias'], arn),
  ];
}
