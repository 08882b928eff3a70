import { setImmediate } from 'node:timers/promises';
import { choiceHint } from '../closest.ts';
import type { Config, FunctionConfig } from '../config/schema.ts';
import type { Resource } from '../engine/resource.ts';
import { CrcError } from '../errors.ts';
import { functionResourceIds } from '../resources/function/ids.ts';
import type { ResourceGroup } from '../resources/index.ts';

/** Which resources a command covers. */
export interface Selection {
  /**
   * Whether they are written, or shown as they would be. If so, their dependencies are read too, and a function that
   * does not build is an error in the plan.
   */
  readonly toWrite: boolean;
  /** Only these functions and their dependencies. */
  readonly functions?: (config: Config) => readonly FunctionConfig[];
  /** Whether a removal may delete states. */
  readonly deleteState?: boolean;
  /** Only these resources. */
  readonly which?: (resource: Resource) => boolean;
}

/** The selected ids, before --only. */
export async function wantedIds(
  { which, functions }: Selection,
  config: Config,
  groups: readonly ResourceGroup[],
): Promise<(id: string) => boolean> {
  if (which !== undefined) {
    const wanted = (await members(groups, () => true)).filter(which).map(({ id }) => id);
    return (id) => wanted.includes(id);
  }
  if (functions === undefined) return () => true;
  const wanted = functions(config).flatMap((functionConfig) => functionResourceIds(functionConfig, config.functions));
  return (id) => wanted.includes(id);
}

/** @throws CrcError for an id in --only that is not in the config. */
export function checkKnown(known: readonly string[], only: readonly string[] = []): void {
  const unknown = only.filter((id) => !known.includes(id));
  if (unknown.length === 0) return;
  throw new CrcError(`--only: the config has no ${unknown.map((id) => `"${id}"`).join(' and no ')}.`, {
    hint: choiceHint(unknown, known, '--only'),
  });
}

/** What --only selects, and related resources. */
export interface Choice {
  readonly selected: readonly Resource[];
  /** Dependencies of the selected ones. */
  readonly needed: readonly Resource[];
  /** What depends on the selected ones, or is removed before them. */
  readonly users: readonly Resource[];
}

/** What --only selects, and related resources; groups without any are not even loaded. */
export async function chosen(
  groups: readonly ResourceGroup[],
  wanted: (id: string) => boolean,
  only: readonly string[],
  { toWrite, deleteState }: Selection,
): Promise<Choice> {
  const groupsWith = (some: readonly string[]) => groups.filter(({ ids }) => ids.some((id) => some.includes(id)));
  const concerned = groupsWith(only);
  const own = await members(concerned, wanted);
  const selected = own.filter(({ id }) => only.includes(id));
  const isRemoval = deleteState !== undefined;
  const before = isRemoval ? selected.flatMap(({ removedAfter }) => removedAfter) : [];
  // Dependencies may be in any group, and so may dependents, which block a removal.
  const neighbours = isRemoval ? groups : groupsWith(toWrite ? selected.flatMap(({ needs }) => needs) : []);
  const beside = neighbours.filter((group) => !concerned.includes(group));
  const all = [...own, ...(await members(beside, wanted))];
  const unselected = all.filter((resource) => !selected.includes(resource));
  const needed = new Set(selected.flatMap(({ needs }) => needs));
  return {
    selected,
    needed: toWrite ? unselected.filter(({ id }) => needed.has(id)) : [],
    users: unselected.filter(
      (resource) => before.includes(resource.id) || selected.some(({ id }) => resource.needs.includes(id)),
    ),
  };
}

/** The resources with these ids; groups without any of them are not loaded. */
export async function members(
  groups: readonly ResourceGroup[],
  wanted: (id: string) => boolean,
): Promise<readonly Resource[]> {
  const loaded: (readonly Resource[])[] = [];
  for (const group of groups.filter(({ ids }) => ids.some(wanted))) {
    loaded.push(await group.load());
    // What was requested before (who the credentials belong to) leaves while the next code is being loaded.
    await setImmediate();
  }
  return loaded.flat().filter(({ id }) => wanted(id));
}
