import type { Resource } from '../engine/resource.ts';
import type { Grant } from '../engine/types.ts';

/** What each command needs of all resources: what their `actions` name for it. */
const NEEDED = {
  bootstrap: (all) => all.flatMap(({ actions }) => [...actions.read, ...actions.write]),
  verify: (all) => all.flatMap(({ actions }) => actions.read),
  // What a role of CI gets: it ships code and settings; with the rights of `bootstrap` it creates the rest too.
  'deploy-function': (all) => [
    ...all.flatMap(({ actions: { deploy, read } }) => (deploy === undefined ? [] : [...read, ...deploy])),
    ...all.flatMap(({ actions: { test = [] } }) => test),
  ],
  destroy: (all) => all.flatMap(({ actions }) => [...actions.read, ...actions.remove]),
  state: (all) => [
    ...all.flatMap(({ actions: { states } }) => states?.read ?? []),
    ...all.flatMap(({ actions: { states } }) => states?.write ?? []),
  ],
  'state-check': (all) => all.flatMap(({ actions: { states } }) => states?.read ?? []),
} as const satisfies Record<string, (all: readonly Resource[]) => readonly Grant[]>;

export type PermittedCommand = keyof typeof NEEDED;

/** The commands that a policy can be printed for. */
export const PERMITTED = Object.keys(NEEDED) as readonly PermittedCommand[];

/** What a command needs. Asking whose credentials these are (sts:GetCallerIdentity) needs no permission. */
export function permissionsFor(command: PermittedCommand, all: readonly Resource[]): readonly Grant[] {
  return NEEDED[command](all);
}
