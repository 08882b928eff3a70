import { isJsonObject } from '../../json.ts';
import type { RecordedCall, StateResource } from './call.ts';
import type { Values } from './values.ts';

/** Attributes that identify a resource in a request. */
const IDENTITIES = [
  'arn',
  'id',
  'name',
  'bucket',
  'function_name',
  'api_id',
  'rest_api_id',
  'url',
  'zone_id',
  'role',
  'key',
];

/**
 * The Terraform addresses that a call is for: the call's own address; otherwise the resources of its type that the
 * request mentions; otherwise all resources of its type; otherwise only the type.
 */
export function addressesOf(
  { address, resourceType, request }: RecordedCall,
  values: Values,
  state: readonly StateResource[],
): readonly string[] {
  if (address !== undefined) return [address];
  if (resourceType === undefined) return [];
  const ofType = state.filter(({ type }) => type === resourceType);
  if (ofType.length === 0) return [resourceType];
  const texts = new Set([...values.all.map(({ value }) => value), ...request.path.split('/'), request.host ?? '']);
  const scored = ofType.map((resource) => ({ resource, score: mentions(resource, texts, request.path) }));
  const best = Math.max(...scored.map(({ score }) => score));
  // A request that mentions none of them is attributed to all of them.
  return scored.filter(({ score }) => score === best).map(({ resource }) => resource.address);
}

/** The number of a resource's identities in a request. */
function mentions({ attributes }: StateResource, texts: ReadonlySet<string>, path: string): number {
  if (!isJsonObject(attributes)) return 0;
  return IDENTITIES.filter((name) => {
    const value = attributes[name];
    return typeof value === 'string' && value !== '' && (texts.has(value) || path.endsWith(`/${value}`));
  }).length;
}
