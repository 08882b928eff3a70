import { MAX_POLICY, minified, type PolicyDocument, type Statement } from './document.ts';

/** In characters without white space; https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_MANAGED = 6_144;

/** Managed policies for statements that exceed the inline policy limit of a role. */
export interface ManagedPolicies {
  readonly documents: readonly PolicyDocument[];
  /** Why they do not fit into one inline policy. */
  readonly why: string;
}

/** The length of the statements as one policy, in characters as IAM counts them. */
export function policySize(statements: readonly Statement[]): number {
  return minified(documentOf(statements)).length;
}

/** The statements packed into managed policies (first fit); undefined if one inline policy can hold them. */
export function managedPoliciesOf(statements: readonly Statement[]): ManagedPolicies | undefined {
  const size = policySize(statements);
  if (size <= MAX_POLICY) return undefined;
  const parts: Statement[][] = [];
  for (const statement of statements.flatMap(inSize)) {
    const free = parts.find((part) => policySize([...part, statement]) <= MAX_MANAGED);
    if (free === undefined) parts.push([statement]);
    else free.push(statement);
  }
  return {
    documents: parts.map(documentOf),
    why: `The statements have ${count(size)} characters: the inline policies of a role may have ${count(MAX_POLICY)} together, a managed policy ${count(MAX_MANAGED)}.`,
  };
}

/** `10,240` */
export function count(value: number): string {
  return value.toLocaleString('en');
}

function documentOf(statements: readonly Statement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements };
}

/**
 * Splits a statement that exceeds the policy limit: its resources in half, or its actions if it has a single resource. A
 * statement with a single action and a single resource cannot be split: its condition is too long.
 */
function inSize(statement: Statement): readonly Statement[] {
  if (policySize([statement]) <= MAX_MANAGED) return [statement];
  const { Sid = '', Action, Resource = [] } = statement;
  const [resources, actions] = [[Resource].flat(), [Action].flat()];
  if (resources.length < 2 && actions.length < 2) return [statement];
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
