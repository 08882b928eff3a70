import { minified, type PolicyDocument, type Statement } from '../../policies/document.ts';

/** Characters without white space; https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_INLINE = 10_240;
const MAX_MANAGED = 6_144;

/** Policy documents that hold all statements, in IAM's sizes. */
export interface Policies {
  /** One inline policy of a role, or managed policies to attach to it. */
  readonly kind: 'inline' | 'managed';
  readonly documents: readonly PolicyDocument[];
  /** Why they are not one inline policy. */
  readonly why: string | undefined;
}

/**
 * The statements as one inline policy where it fits, else as managed policies, as few as a first fit finds. `used` counts the
 * characters of the role's other inline policies, which share the limit.
 */
export function policiesOf(statements: readonly Statement[], used = 0): Policies {
  const whole = documentOf(statements);
  const size = sizeOf(whole);
  if (used + size <= MAX_INLINE) return { kind: 'inline', documents: [whole], why: undefined };
  const parts: Statement[][] = [];
  for (const statement of statements.flatMap(inSize)) {
    const free = parts.find((part) => sizeOf(documentOf([...part, statement])) <= MAX_MANAGED);
    if (free === undefined) parts.push([statement]);
    else free.push(statement);
  }
  const beside = used === 0 ? '' : ` and the role's other policies ${used}`;
  return {
    kind: 'managed',
    documents: parts.map(documentOf),
    why: `the statements are ${size} characters${beside}; a role's inline policies may have ${MAX_INLINE} together, a managed policy ${MAX_MANAGED}`,
  };
}

function documentOf(statements: readonly Statement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements };
}

function sizeOf(document: PolicyDocument): number {
  return minified(document).length;
}

/** A statement that is larger than a policy, as several of half its resources, or of half its actions where there is one resource. */
function inSize(statement: Statement): readonly Statement[] {
  if (sizeOf(documentOf([statement])) <= MAX_MANAGED) return [statement];
  const { Sid = '', Action, Resource = [] } = statement;
  const [resources, actions] = [[Resource].flat(), [Action].flat()];
  const halves = resources.length > 1 ? halved(resources) : halved(actions);
  return halves.flatMap((half, index) =>
    inSize({
      ...statement,
      Sid: `${Sid}Part${index + 1}`,
      ...(resources.length > 1 ? { Resource: half } : { Action: half }),
    }),
  );
}

function halved(values: readonly string[]): readonly (readonly string[])[] {
  const middle = Math.ceil(values.length / 2);
  return [values.slice(0, middle), values.slice(middle)];
}
