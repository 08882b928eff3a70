import type { Foreign } from '../engine/types.ts';

export type Tags = Readonly<Record<string, string>>;

/** The tag on everything that crc creates, set by the call that creates it. */
const OWNER = { key: 'ManagedBy', value: 'crc' } as const;

/** The key of the tag with the project (`project` in the config), set by the same call. */
const PROJECT_KEY = 'crc:project';

/** The tags for every resource that supports them: the config's and crc's own. */
export function wantedTags({ tags, project }: { readonly tags: Tags; readonly project: string }): Tags {
  return { ...tags, [OWNER.key]: OWNER.value, [PROJECT_KEY]: project };
}

/** The tag by which resources of a project are found. */
export function projectTag(project: string): { readonly key: string; readonly value: string } {
  return { key: PROJECT_KEY, value: project };
}

/** What a resource's tags reveal about its owner. */
export interface Ownership {
  /** The current values of the tags that crc sets; tags from other tools are ignored. */
  readonly own: Tags;
  /** The owner, if crc did not create it for this project; undefined if it did. */
  readonly foreign: Foreign | undefined;
}

/** Compares a resource's tags with those of this project. */
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
    why: `belongs to the project ${project}; choose another name in the config, or, if that project no longer uses it, take it over with \`crc bootstrap --adopt\``,
  };
}

/** Who has a resource that crc did not create for this project; undefined if it did. */
export function foreignOwner(live: Tags, want: Tags): 'nobody' | 'other-project' | undefined {
  if (foreignTo(live, want) === undefined) return undefined;
  return projectOf(live) === undefined ? 'nobody' : 'other-project';
}

/** The project that crc created a resource for; undefined if crc did not create it, or not for a project. */
export function projectOf(live: Tags): string | undefined {
  return live[OWNER.key] === OWNER.value ? live[PROJECT_KEY] : undefined;
}

/** Whether a resource is tagged as belonging to any crc project. */
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

/** Tags in the form that S3, DynamoDB and IAM use. */
export function toTagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
