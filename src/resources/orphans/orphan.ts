import { Blocked } from '../../engine/apply.ts';
import { type Resource, resource } from '../../engine/resource.ts';
import type { Actions, Removal, Spec } from '../../engine/types.ts';
import type { Context } from '../context.ts';
import { ownershipOf, type Tags } from '../tags.ts';

/** What left the config, as it is now. */
export interface LiveOrphan<Details> {
  readonly tags: Tags;
  /** What it means that it is still there, and what to do. */
  readonly warning: string;
  readonly details: Details;
}

export interface OrphanInput<Details> {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  /** Ids of orphans that it needs, and that are therefore deleted after it. */
  readonly needs?: readonly string[];
  /** Undefined = does not exist. */
  read(): Promise<LiveOrphan<Details> | undefined>;
  removal(details: Details): Promise<Removal>;
}

/** The config names it no more, so it has no facts to compare: its tags alone decide whether crc may delete it. */
type NoFacts = Record<never, never>;

/** What it takes follows from no single resource: `permissions.ts` has it. */
const ACTIONS: Actions = { read: [], write: [], remove: [] };

/**
 * A resource that crc created for this project and that the config does not name any more. It is never changed, only found and
 * deleted: right before that it is read again, with its tags and with what keeps it.
 */
export function orphan<Details>(input: OrphanInput<Details>, { tags }: Context): Resource {
  const spec: Spec<NoFacts, Details> = {
    id: input.id,
    type: input.type,
    name: input.name,
    needs: input.needs,
    want: {},
    async read() {
      const live = await input.read();
      if (live === undefined) return undefined;
      const { foreign } = ownershipOf(live.tags, tags);
      return { facts: {}, foreign, warnings: [live.warning], details: live.details };
    },
    create: async () => undefined,
    set: {},
    // What belongs to others is not looked into, and crc may have no right to.
    removal: async ({ foreign, details }) =>
      foreign === undefined ? await input.removal(details) : { remove: async () => undefined },
    actions: ACTIONS,
    address: 'none',
    terraform: 'left out: it is not in the config',
  };
  return readBeforeRemoval(resource(spec));
}

function readBeforeRemoval(own: Resource): Resource {
  return {
    ...own,
    async inspectRemoval() {
      const removal = await own.inspectRemoval();
      if (removal === undefined) return undefined;
      return {
        ...removal,
        async remove() {
          const now = await own.inspectRemoval();
          const why = now?.blocked ?? now?.kept;
          if (why !== undefined) throw new Blocked(why);
          await now?.remove();
        },
      };
    },
  };
}

/** Stands for resources that could not be listed: reading it throws why. */
export function unlisted({ id, type, name }: Pick<Resource, 'id' | 'type' | 'name'>, error: unknown): Resource {
  const fail = async () => {
    throw error;
  };
  return resource<NoFacts, null>({
    id,
    type,
    name,
    want: {},
    read: fail,
    create: async () => undefined,
    set: {},
    removal: fail,
    actions: ACTIONS,
    address: 'none',
    terraform: 'left out: it is not in the config',
  });
}

/** `no longer in the config, and GitHub can still assume it: …`: for one resource, and for several of which it is said at once. */
export function warningText(...facts: readonly string[]): string {
  return `${['no longer in the config', ...facts].join(', and ')}. If another config of this project has it, leave it. To keep: add it back to the config. To delete: \`crc destroy --orphans\`.`;
}
