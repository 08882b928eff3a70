import { isJsonObject } from '../../json.ts';
import type { StateResource } from './call.ts';
import { ec2TypeOf } from './ec2.ts';
import { isData, type Names } from './names.ts';
import type { Condition, Grant } from './subject.ts';
import type { Values } from './values.ts';

/** A tag that all tagged EC2 resources of a configuration have, as set by `default_tags`, and the ids that have it. */
export interface CommonTag {
  readonly key: string;
  readonly value: string;
  readonly ids: ReadonlySet<string>;
  /** The ids of all EC2 resources in the state. */
  readonly all: readonly string[];
}

/** Tags that usually identify a project, in order of preference. */
const PREFERRED = ['crc:project', 'Project', 'project', 'Application', 'App', 'app', 'Service', 'Stack'];

/**
 * The tag for conditions; undefined if no tag is on all resources. Resources that Terraform only adopts
 * (`aws_default_…`) get their tags after the first calls, so their tags cannot be checked.
 */
export function commonTag(state: readonly StateResource[], names: Names): CommonTag | undefined {
  const resources = state.flatMap(({ type, address, attributes }) => {
    const { id, tags_all: tags } = attributes;
    if (typeof id !== 'string' || ec2TypeOf(id) === undefined || isData(address)) return [];
    const own = isJsonObject(tags) && !type.startsWith('aws_default_') ? tags : {};
    return [{ id, tags: Object.entries(own).map(([key, value]) => JSON.stringify([key, value])) }];
  });
  const tagged = resources.filter(({ tags }) => tags.length > 0);
  const [first] = tagged;
  const common = (first?.tags ?? []).filter((tag) => tagged.every(({ tags }) => tags.includes(tag)));
  const pairs = common
    .map((tag) => JSON.parse(tag) as [string, string])
    .filter(([key, value]) => key !== 'Name' && names.stable(value) === value)
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const [pair] = pairs;
  if (pair === undefined) return undefined;
  const untagged = new Set(resources.filter(({ tags }) => tags.length === 0).map(({ id }) => id));
  return {
    key: pair[0],
    value: pair[1],
    ids: new Set(tagged.map(({ id }) => id).filter((id) => !untagged.has(id))),
    all: resources.map(({ id }) => id),
  };
}

function rank(key: string): number {
  const index = PREFERRED.indexOf(key);
  return index === -1 ? PREFERRED.length : index;
}

/** Limits the grant to resources with the tag, if the action supports that and everything in the call has the tag. */
export function onTagged(grant: Grant, values: Values, tag: CommonTag | undefined): Grant {
  if (grant.tagged !== true || tag === undefined || grant.condition !== undefined) return grant;
  const [, type] = /^arn:[^:]+:ec2:[^:]*:[^:]*:([^/]+)\//.exec(grant.resource) ?? [];
  if (type === undefined) return grant;
  const isOfType = (id: string) => ec2TypeOf(id) === type;
  const mentioned = values.all.map(({ value }) => value).filter(isOfType);
  const ids = mentioned.length > 0 ? mentioned : tag.all.filter(isOfType);
  if (ids.length === 0 || !ids.every((id) => tag.ids.has(id))) return grant;
  const condition: Condition = { StringEquals: { [`aws:ResourceTag/${tag.key}`]: tag.value } };
  return { ...grant, condition };
}
