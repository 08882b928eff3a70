import { filled, type RequestedArn, requestedArns } from './arns.ts';
import { ec2Resources } from './ec2.ts';
import { OWN_RULES } from './own-rules.ts';
import type { ResourceType } from './reference.ts';
import { plainName } from './services.ts';
import type { Subject, Target } from './subject.ts';

/**
 * The resources for a call's action, as narrow as AWS supports: `*` only if there are no resource-level permissions.
 */
export function targetsOf(subject: Subject): readonly Target[] {
  const { action } = subject;
  const prefix = action.name.split(':')[0] ?? '';
  if (action.resourceTypes.length === 0) return [{ arn: '*', tagged: false }];
  if (prefix === 'ec2') return ec2Resources(subject);
  const own = OWN_RULES[prefix]?.(subject);
  if (own !== undefined && own.length > 0) return [...new Set(own)].map((arn) => ({ arn, tagged: false }));
  return byReference(subject);
}

/** Based only on the reference: all resource types that every call has, and others that the request names. */
function byReference(subject: Subject): readonly Target[] {
  const { call, action, where } = subject;
  const requested = (type: ResourceType) => requestedOf(subject, type);
  const required = action.resourceTypes.filter((type) => type.required);
  const optional = action.resourceTypes.filter((type) => !type.required);
  const always = onlyRequested(
    action.reads || action.tags,
    required.map((type) => ({ type, requested: requested(type) })),
  ).flatMap(({ type, requested }) => targets(type, requested));
  const named = optional.flatMap((type) =>
    targets(
      type,
      requested(type).filter(({ known }) => known),
    ),
  );
  const targetsByType = [...always, ...named];
  if (targetsByType.length > 0) return targetsByType;
  // The request does not name a resource, but Terraform's resource type may indicate it: `aws_cloudfront_distribution`.
  const terraformType = plainName(call.resourceType ?? '');
  const likely = optional.filter(({ name }) => terraformType.endsWith(plainName(name)));
  return (likely.length > 0 ? likely : optional).flatMap((type) =>
    targets(
      type,
      type.arns.map((pattern) => ({ arn: filled(pattern, where, () => '*'), known: false })),
    ),
  );
}

/** The ARNs of one of the action's resource types in a request. */
export function requestedOf(
  { call, action, values, where, names }: Subject,
  type: ResourceType,
): readonly RequestedArn[] {
  // In a CreateWebACL call, `Name` is that of a `webacl`, and not of an `ipset` that it refers to.
  const isNamed =
    action.resourceTypes.length === 1 ||
    [action.name, call.operation].some((name) => plainName(name).includes(plainName(type.name)));
  return requestedArns(type, isNamed, values, where, names);
}

/** The types whose ARN is in the request, if it is a call that only reads or tags; such a call affects only these. */
function onlyRequested<T extends { readonly requested: readonly RequestedArn[] }>(
  isOfOne: boolean,
  types: readonly T[],
): readonly T[] {
  const known = types.filter(({ requested }) => requested.some((arn) => arn.known));
  return isOfOne && known.length > 0 ? known : types;
}

function targets({ tagged }: ResourceType, requested: readonly RequestedArn[]): readonly Target[] {
  return requested.map(({ arn }) => ({ arn, tagged }));
}
