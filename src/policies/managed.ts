import { MAX_POLICY, minified, type PolicyDocument, type Statement } from './document.ts';

/** Characters without white space; https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_MANAGED = 6_144;

/** Managed policies for statements that are too long for the inline policies of a role. */
export interface ManagedPolicies {
  readonly documents: readonly PolicyDocument[];
  /** Why they are not one inline policy. */
  readonly why: string;
}

/** Characters of the statements as one policy, as IAM counts them. */
export function policySize(statements: readonly Statement[]): number {
  return minified(documentOf(statements)).length;
}

/** The statements as managed policies, as few as a first fit finds; undefined where one inline policy holds them. */
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

/** A statement that is larger than a policy, as several of half its resources, or of half its actions where there is one resource. */
function inSize(statement: Statement): readonly Statement[] {
  if (policySize([statement]) <= MAX_MANAGED) return [statement];
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
