import { Blocked } from '../../engine/apply.ts';
import { type Resource, resource } from '../../engine/resource.ts';
import type { Actions, Removal, Spec } from '../../engine/types.ts';
import type { Context } from '../context.ts';
import { ownershipOf, type Tags } from '../tags.ts';

/** The current state of an orphan. */
export interface LiveOrphan<Details> {
  readonly tags: Tags;
  /** The consequence of leaving it, and what to do. */
  readonly warning: string;
  readonly details: Details;
}

export interface OrphanInput<Details> {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  /** Ids of orphans that it depends on, which are deleted after it. */
  readonly needs?: readonly string[];
  /** Undefined if it does not exist. */
  read(): Promise<LiveOrphan<Details> | undefined>;
  removal(details: Details): Promise<Removal>;
}

/** It is not in the config, so there are no facts to compare. Its tags alone decide whether crc may delete it. */
type NoFacts = Record<never, never>;

/** The required permissions are not per resource: see `permissions.ts`. */
const ACTIONS: Actions = { read: [], write: [], remove: [] };

/**
 * A resource that crc created for this project and that is no longer in the config. It is never changed, only found and
 * deleted. Immediately before the deletion it is read again, with its tags and whatever protects it.
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
    // Resources of other owners are not inspected; crc may not have permission.
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

/** Represents resources that could not be listed: reading it throws the reason. */
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

/** `no longer in the config, and GitHub can still assume it: …`, for one resource or for several at once. */
export function warningText(...facts: readonly string[]): string {
  return `${['no longer in the config', ...facts].join(', and ')}. If another config of this project has it, leave it. To keep: add it back to the config. To delete: \`crc destroy --orphans\`.`;
}
