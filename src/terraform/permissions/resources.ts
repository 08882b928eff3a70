import { filled, type Named, namedBy } from './arns.ts';
import { ec2Resources } from './ec2.ts';
import { OWN_RULES } from './own-rules.ts';
import type { ResourceType } from './reference.ts';
import type { Subject, Target } from './subject.ts';

/** Resources of a call's action: none narrower than AWS has them, so `*` where AWS has no resource level, and only there. */
export function targetsOf(subject: Subject): readonly Target[] {
  const { action } = subject;
  const prefix = action.name.split(':')[0] ?? '';
  if (action.resourceTypes.length === 0) return [{ arn: '*', tagged: false }];
  if (prefix === 'ec2') return ec2Resources(subject);
  const own = OWN_RULES[prefix]?.(subject);
  if (own !== undefined && own.length > 0) return [...new Set(own)].map((arn) => ({ arn, tagged: false }));
  return byReference(subject);
}

/** By the reference alone: all types that each call has, and of the others those that the request names. */
function byReference({ action, values, where, names }: Subject): readonly Target[] {
  const required = action.resourceTypes.filter((type) => type.required);
  const optional = action.resourceTypes.filter((type) => !type.required);
  const always = withoutOthers(
    action.reads,
    required.map((type) => ({ type, named: namedBy(type, values, where, names) })),
  ).flatMap(({ type, named }) => targets(type, named));
  const named = optional.flatMap((type) =>
    targets(
      type,
      namedBy(type, values, where, names).filter(({ known }) => known),
    ),
  );
  const found = [...always, ...named];
  if (found.length > 0) return found;
  // The call is about one of these, and does not say which.
  return optional.flatMap((type) =>
    targets(
      type,
      type.arns.map((pattern) => ({ arn: filled(pattern, where, () => '*'), known: false })),
    ),
  );
}

/** Types of which every call has one, of which a call that only reads is about the one that it names. */
function withoutOthers<T extends { readonly named: readonly Named[] }>(
  reads: boolean,
  types: readonly T[],
): readonly T[] {
  const known = types.filter(({ named }) => named.some((one) => one.known));
  return reads && known.length > 0 ? known : types;
}

function targets({ tagged }: ResourceType, named: readonly Named[]): readonly Target[] {
  return named.map(({ arn }) => ({ arn, tagged }));
}
