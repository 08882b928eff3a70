import { fits } from '../policies/glob.ts';

/**
 * What denied a call, by AWS's own messages:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export type DenyingPolicy =
  | 'identity'
  | 'boundary'
  | 'session'
  | 'service-control'
  | 'resource-control'
  | 'resource'
  | 'endpoint'
  | 'trust'
  /** AWS does not say. */
  | 'unknown';

/** One call that AWS refused, as a log reports it. */
export interface Denial {
  /** ARN of the caller; empty if the message does not name it. */
  readonly principal: string;
  /** `s3:PutObject`; empty where the message does not say. */
  readonly action: string;
  /** An ARN or `*`; undefined where the message does not say. */
  readonly resource: string | undefined;
  readonly policy: DenyingPolicy;
  /** A Deny statement, and not the lack of an Allow. */
  readonly explicit: boolean;
  /** ARN of the policy, where AWS names it. */
  readonly policyArn: string | undefined;
  /** The message has more, encoded: EC2 does that. */
  readonly encoded: boolean;
  /** What was called, where that is all that is known: `S3 PutBucketTagging`. */
  readonly operation: string | undefined;
}

const KINDS: readonly (readonly [words: RegExp, policy: DenyingPolicy])[] = [
  [/^identity-based polic/, 'identity'],
  [/^permissions boundar/, 'boundary'],
  [/^session polic/, 'session'],
  [/^service control polic/, 'service-control'],
  [/^resource control polic/, 'resource-control'],
  [/^resource-based polic/, 'resource'],
  [/^VPC endpoint polic/, 'endpoint'],
  [/^(role )?trust polic/, 'trust'],
];

/** What stands before a line: of the runner of a workflow, of Terraform's frame around an error, of crc's own. */
const BEFORE_LINE =
  /^(?:[^\t\n]*\t[^\t\n]*\t)?(?:\uFEFF?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ?)?(?:##\[\w+\])?(?:\s*[│╷╵|]\s?)?\s*/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what it is about.
const COLOURS = /\u001b\[[0-9;]*m/g;

/** S3 puts quotes around the resource. */
const MESSAGE =
  /(?:User: (\S+) )?is not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)(?: on resource: (?:"([^"]+)"|(\S+))| on the resource associated with this ciphertext)?/g;

/** The reason follows at once. Some are between a comma and the end: `no resource-based policies allow access`. */
const REASON =
  /^[^A-Za-z]*(?:because no ([A-Za-z -]+?polic(?:y|ies)|permissions boundary)|with an explicit deny(?: in an? ([A-Za-z -]+?policy|permissions boundary))?)(?:: (arn:\S+))?/;

/** https://docs.aws.amazon.com/sdk-for-go/v2/developer-guide/handle-errors.html: S3 answers some calls with nothing but this. */
const BARE =
  /operation error ([\w -]+): (\w+),(?:(?!operation error).){0,300}?(?:StatusCode: 403|api error (?:AccessDenied|Forbidden))(?:(?!operation error|is not authorized).){0,300}?(?:Access Denied|Forbidden)/g;

/** A login that was refused; AWS names neither the role nor the job. */
const LOGIN = /Not authorized to perform sts:AssumeRoleWithWebIdentity/;

const UNNAMED: Denial = {
  principal: '',
  action: '',
  resource: undefined,
  policy: 'unknown',
  explicit: false,
  policyArn: undefined,
  encoded: false,
  operation: undefined,
};

/** All denials of a log, each once, in their order. */
export function denialsIn(log: string): readonly Denial[] {
  // Terraform breaks its messages into lines of 78 characters.
  const text = log
    .replace(COLOURS, '')
    .split(/\r?\n/)
    .map((line) => line.replace(BEFORE_LINE, ''))
    .join(' ');
  const denials = new Map<string, Denial>();
  for (const match of text.matchAll(MESSAGE)) {
    const [message, principal = '', action = '', quoted, plain] = match;
    const rest = text.slice(match.index + message.length, match.index + message.length + MAX_REASON);
    add(denials, { ...reasonOf(rest), principal, action, resource: cleaned(quoted ?? plain), operation: undefined });
  }
  if (LOGIN.test(text)) add(denials, { ...UNNAMED, action: 'sts:AssumeRoleWithWebIdentity', policy: 'trust' });
  for (const match of text.matchAll(BARE)) {
    const [message, service = '', operation = ''] = match;
    if (/is not authorized to perform/.test(message)) continue;
    add(denials, { ...UNNAMED, operation: `${service} ${operation}` });
  }
  return [...denials.values()];
}

/** The most characters that a message can have after its resource: an encoded message is the longest. */
const MAX_REASON = 600;

function add(denials: Map<string, Denial>, denial: Denial): void {
  const key = JSON.stringify([denial.principal, denial.action, denial.resource, denial.policy, denial.operation]);
  if (!denials.has(key)) denials.set(key, denial);
}

function cleaned(resource: string | undefined): string | undefined {
  return resource?.replace(/^["'\\]+|["'\\,.;)]+$/g, '');
}

function reasonOf(rest: string): Pick<Denial, 'policy' | 'explicit' | 'policyArn' | 'encoded'> {
  const [reason, missing, denying, policyArn] = REASON.exec(rest) ?? [];
  const words = missing ?? denying ?? '';
  return {
    policy: KINDS.find(([kind]) => kind.test(words))?.[1] ?? 'unknown',
    explicit: reason?.includes('explicit deny') ?? false,
    policyArn: cleaned(policyArn),
    encoded: /^.{0,200}Encoded authorization failure message: [\w-]{40,}/.test(rest),
  };
}

/** A statement of a policy, as far as it allows or denies an action on a resource. */
export interface DeniedStatement {
  readonly Effect: string;
  readonly Action?: string | readonly string[] | undefined;
  readonly Resource?: string | readonly string[] | undefined;
  readonly Condition?: unknown;
}

/** What the statements of a policy say about one action on one resource. */
export type Grant =
  | { readonly kind: 'not-granted' }
  /** The action is allowed, and on nothing that this resource fits. */
  | { readonly kind: 'other-resources'; readonly resources: readonly string[] }
  | { readonly kind: 'conditional' }
  | { readonly kind: 'denied'; readonly at: number }
  | { readonly kind: 'granted' };

export function grantOf(statements: readonly DeniedStatement[], action: string, resource: string | undefined): Grant {
  const about = statements
    .map((statement, at) => ({ statement, at }))
    .filter(({ statement: { Action } }) =>
      list(Action).some((pattern) => fits(pattern.toLowerCase(), action.toLowerCase())),
    );
  const on = ({ Resource }: DeniedStatement) =>
    resource === undefined || list(Resource).some((pattern) => fits(pattern, resource));
  const denial = about.find(({ statement }) => statement.Effect === 'Deny' && on(statement));
  if (denial !== undefined) return { kind: 'denied', at: denial.at };
  const allowing = about.filter(({ statement }) => statement.Effect === 'Allow');
  if (allowing.length === 0) return { kind: 'not-granted' };
  const fitting = allowing.filter(({ statement }) => on(statement));
  if (fitting.length === 0) {
    return {
      kind: 'other-resources',
      resources: [...new Set(allowing.flatMap(({ statement }) => list(statement.Resource)))],
    };
  }
  return { kind: fitting.every(({ statement }) => hasCondition(statement)) ? 'conditional' : 'granted' };
}

/** The role of `arn:aws:sts::123456789012:assumed-role/NAME/SESSION`, or of its own ARN. */
export function roleOf(principal: string): string | undefined {
  const [, assumed] = /:assumed-role\/([^/]+)\//.exec(principal) ?? [];
  const [, own] = /:role\/(?:.*\/)?([^/]+)$/.exec(principal) ?? [];
  return assumed ?? own;
}

/** Whether a call would let a role change what it may do itself. */
export function changesItself({
  principal,
  action,
  resource = '*',
}: Pick<Denial, 'principal' | 'action' | 'resource'>): boolean {
  const role = roleOf(principal);
  const changes = /^iam:(?!Get|List|Simulate|Generate|PassRole$)/i.test(action);
  if (!changes || role === undefined) return false;
  // A policy may be attached to the role; which one, its ARN does not say.
  return (
    resource === '*' ||
    fits(roleOf(resource) ?? '', role) ||
    (/:policy\//.test(resource) && /PolicyVersion|DefaultPolicy/.test(action))
  );
}

/** A pattern of a statement can stand for no resource of the action: an object's action on a bucket, and the like. */
export function canNeverMatch(action: string, patterns: readonly string[], resource: string | undefined): boolean {
  if (resource === undefined) return false;
  const shape = shapeOf(resource);
  return (
    patterns.length > 0 &&
    patterns.every((pattern) => !/^\*+$/.test(pattern) && !couldHaveShape(pattern, shape)) &&
    action !== ''
  );
}

/** Service, and what kind of resource it is: for S3 a bucket or an object. */
function shapeOf(arn: string): { readonly service: string; readonly type: string } {
  const [, , service = '', , , ...rest] = arn.split(':');
  const resource = rest.join(':');
  if (service === 's3') return { service, type: resource.includes('/') ? 'object' : 'bucket' };
  return { service, type: /^([\w-]+)[/:]/.exec(resource)?.[1] ?? '' };
}

function couldHaveShape(
  pattern: string,
  { service, type }: { readonly service: string; readonly type: string },
): boolean {
  const parts = pattern.split(':');
  if (parts.length < 6) return /[*?]/.test(pattern);
  if (!fits(parts[2] ?? '', service)) return false;
  const resource = parts.slice(5).join(':');
  if (service === 's3') return resource.includes('*') || (type === 'object') === resource.includes('/');
  return type === '' || fits(resource.split(/[/:]/)[0] ?? '', type) || resource.startsWith('*');
}

function hasCondition({ Condition }: DeniedStatement): boolean {
  return typeof Condition === 'object' && Condition !== null && Object.keys(Condition).length > 0;
}

function list(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}
