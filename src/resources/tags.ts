import type { Foreign } from '../engine/types.ts';

export type Tags = Readonly<Record<string, string>>;

/** The tag on everything that crc creates, set in the creating call. */
const OWNER = { key: 'ManagedBy', value: 'crc' } as const;

/** The tag that names the project (the config's `project`) for which crc created it, set in the same call. */
const PROJECT_KEY = 'crc:project';

/** What everything that takes tags gets: the config's tags, and crc's own. */
export function wantedTags({ tags, project }: { readonly tags: Tags; readonly project: string }): Tags {
  return { ...tags, [OWNER.key]: OWNER.value, [PROJECT_KEY]: project };
}

/** The tag of everything that crc created for a project, by which it is found. */
export function projectTag(project: string): { readonly key: string; readonly value: string } {
  return { key: PROJECT_KEY, value: project };
}

/** What the tags of a resource say of it. */
export interface Ownership {
  /** The current values of the tags that crc sets; tags from other tools are ignored. */
  readonly own: Tags;
  /** The owner, if crc did not create it for this project; undefined if it did. */
  readonly foreign: Foreign | undefined;
}

/** Compares the tags of a resource with those that this project gives. */
export function ownershipOf(live: Tags, want: Tags): Ownership {
  const own = Object.fromEntries(Object.entries(live).filter(([key]) => Object.hasOwn(want, key)));
  return { own, foreign: foreignTo(live, want) };
}

function foreignTo(live: Tags, want: Tags): Foreign | undefined {
  const leaf = (key: string) => ({ path: `tags.${key}`, live: live[key] ?? null, want: want[key] ?? null });
  if (live[OWNER.key] !== OWNER.value) {
    return {
      ...leaf(OWNER.key),
      owner: 'not created by crc',
      why: 'already exists and is not managed by crc; to manage it, with the changes shown here, run `crc bootstrap --adopt`',
    };
  }
  const project = live[PROJECT_KEY];
  if (project === want[PROJECT_KEY]) return undefined;
  if (project === undefined) {
    return {
      ...leaf(PROJECT_KEY),
      owner: 'created by a crc version that recorded no project',
      why: `was created by a crc version that recorded no project; if it belongs to ${want[PROJECT_KEY]}, run \`crc bootstrap --adopt\``,
    };
  }
  return {
    ...leaf(PROJECT_KEY),
    owner: `belongs to project ${project}`,
    why: `belongs to the project ${project}; choose another name in the config, or take it over with \`crc bootstrap --adopt\``,
  };
}

/** The project that crc created a resource for; undefined for one that crc did not create, or not for a project. */
export function projectOf(live: Tags): string | undefined {
  return live[OWNER.key] === OWNER.value ? live[PROJECT_KEY] : undefined;
}

/** True for a resource that some project of crc has: it says so itself. */
export function namesProject(live: Tags): boolean {
  return live[PROJECT_KEY] !== undefined;
}

interface SdkTag {
  readonly Key: string | undefined;
  readonly Value: string | undefined;
}

/** The SDK's list of tags as an object. */
export function fromTagList(list: readonly SdkTag[] | undefined): Tags {
  return Object.fromEntries((list ?? []).flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])));
}

/** Tags as S3, DynamoDB and IAM take them. */
export function toTagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
