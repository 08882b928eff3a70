/**
 * Which policy denied a call, as in AWS's messages:
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
  /** ARN of the caller; empty if the message does not contain it. */
  readonly principal: string;
  /** `s3:PutObject`; empty if the message does not contain it. */
  readonly action: string;
  /** An ARN or `*`; undefined if the message does not contain it. */
  readonly resource: string | undefined;
  readonly policy: DenyingPolicy;
  /** Denied by a Deny statement rather than for lack of an Allow. */
  readonly explicit: boolean;
  /** ARN of the policy, if the message contains it. */
  readonly policyArn: string | undefined;
  /** The message has an encoded part, as EC2's do. */
  readonly encoded: boolean;
  /** The operation, if nothing else is known: `S3 PutBucketTagging`. */
  readonly operation: string | undefined;
  /** The called service by its SDK name, if the message contains it: `Lambda` for the `iam:PassRole` of a function. */
  readonly service: string | undefined;
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

/** Line prefixes: of a workflow's runner, of the frame that Terraform draws around errors, and of crc's output. */
const BEFORE_LINE =
  /^(?:[^\t\n]*\t[^\t\n]*\t)?(?:\uFEFF?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ?)?(?:##\[\w+\])?(?:\s*[│╷╵|]\s?)?\s*/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what it is about.
const COLOURS = /\u001b\[[0-9;]*m/g;

/** How IAM names some things instead of by ARN: `role Deploy`, `policy arn:aws:iam::aws:policy/ReadOnlyAccess`. */
const NAMED = 'role|user|group|policy path|policy|instance profile';

/** S3 puts quotes around the resource. */
const MESSAGE = new RegExp(
  String.raw`(?:User: (\S+) )?is not authorized to perform: ([A-Za-z0-9-]+:[A-Za-z0-9-]*[A-Za-z0-9])` +
    String.raw`(?: on resource: (?:"([^"]+)"|(?:(${NAMED}) )?(\S+))| on the resource associated with this ciphertext)?`,
  'g',
);

/** The reason follows immediately, sometimes between a comma and the end: `no resource-based policies allow access`. */
const REASON =
  /^[^A-Za-z]*(?:because no ([A-Za-z -]+?polic(?:y|ies)|permissions boundary)|with an explicit deny(?: in an? ([A-Za-z -]+?policy|permissions boundary))?)(?:: (arn:\S+))?/;

/** Messages without any detail, which identify their service. */
const S3_MESSAGE = '(?:Access Denied|Forbidden)';
const EC2_MESSAGE = 'You are not authorized to perform this operation';

/** Error names that services use for a call that no policy allows. */
const REFUSED = String.raw`(?:AccessDenied\w*|Forbidden\w*|Unauthorized(?:Operation|Exception|Access)?|NotAuthorized\w*|AuthorizationError\w*)`;

/** Such an error, unless its message names the action: those are matched above. */
const NO_ACTION = String.raw`(?!\.?\s*(?:${EC2_MESSAGE}\.?\s+)?(?:User:\s+\S+\s+)?is\s+not\s+authorized\s+to\s+perform:\s+[A-Za-z0-9-]+:)`;

/** How SDKs wrap such a message, and the service, if the message does not contain it. */
const BARE: readonly { readonly pattern: RegExp; readonly service?: string }[] = [
  // https://docs.aws.amazon.com/sdk-for-go/v2/developer-guide/handle-errors.html, the SDK of Terraform's current
  // provider
  {
    pattern: new RegExp(
      String.raw`operation error (?<service>[\w -]+): (?<operation>\w+),(?:(?!operation error).){0,300}?api error ${REFUSED}:${NO_ACTION}`,
      'g',
    ),
  },
  // https://docs.aws.amazon.com/boto3/latest/guide/error-handling.html, also used by the AWS CLI
  ...[
    { error: '(?:AccessDenied|403)', message: S3_MESSAGE, service: 'S3' },
    { error: '(?:AccessDenied|UnauthorizedOperation)', message: EC2_MESSAGE + NO_ACTION, service: 'EC2' },
    { error: REFUSED, message: `(?!${S3_MESSAGE}|${EC2_MESSAGE})${NO_ACTION}`, service: '' },
  ].map(({ error, message, service }) => ({
    pattern: new RegExp(String.raw`\(${error}\) when calling the (?<operation>\w+) operation: ${message}`, 'g'),
    service,
  })),
  // https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/the-response.html: its errors end with the
  // response metadata
  {
    pattern: new RegExp(
      String.raw`(?:${REFUSED}|403): (?:Access Denied|Forbidden|UnknownError)(?=(?:(?!httpStatusCode).){0,3000}?client-s3/)(?:(?!httpStatusCode).){0,3000}?(?:de_(?<operation>\w+)Command(?:(?!httpStatusCode).){0,3000}?)?httpStatusCode: 403`,
      'g',
    ),
    service: 'S3',
  },
  // Version 1 of the SDK for Go, used by older providers
  ...[
    { error: '(?:AccessDenied|Forbidden)', message: S3_MESSAGE, service: 'S3' },
    { error: 'UnauthorizedOperation', message: EC2_MESSAGE + NO_ACTION, service: 'EC2' },
  ].map(({ error, message, service }) => ({
    pattern: new RegExp(`${error}: ${message}(?=(?:(?!Error:).){0,1200}?status code: 403)`, 'g'),
    service,
  })),
];

/** A denied login. AWS names neither the role nor the job. */
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
  service: undefined,
};

/** The denials in a log, in order, without duplicates. */
export function denialsIn(log: string): readonly Denial[] {
  // Terraform breaks its messages into lines of 78 characters.
  const text = log
    .replace(COLOURS, '')
    .split(/\r?\n/)
    .map((line) => line.replace(BEFORE_LINE, ''))
    .join(' ');
  const places: { readonly at: number; readonly denial: Denial }[] = [];
  for (const match of text.matchAll(MESSAGE)) {
    const [message, principal = '', action = '', quoted, kind, plain] = match;
    const named = cleaned(quoted ?? plain);
    const denial = {
      ...reasonOf(after(text, match.index + message.length)),
      principal,
      action: action.replace(/^[^:]+/, (prefix) => prefix.toLowerCase()),
      resource: kind === undefined || named === undefined ? named : arnOf(kind, named, principal),
      operation: undefined,
      service: calledBefore(text, match.index),
    };
    places.push({ at: match.index, denial });
  }
  const login = LOGIN.exec(text);
  if (login !== null) {
    places.push({ at: login.index, denial: { ...UNNAMED, action: 'sts:AssumeRoleWithWebIdentity', policy: 'trust' } });
  }
  for (const { pattern, service: sender = '' } of BARE) {
    for (const match of text.matchAll(pattern)) {
      const { service = sender, operation = '' } = match.groups ?? {};
      const { encoded } = reasonOf(after(text, match.index + match[0].length));
      const called = [service, operation].filter((word) => word !== '').join(' ');
      places.push({ at: match.index, denial: { ...UNNAMED, encoded, operation: called, service } });
    }
  }
  const denials = new Map<string, Denial>();
  for (const { denial } of places.sort((left, right) => left.at - right.at)) add(denials, denial);
  return [...denials.values()];
}

/**
 * The service that an SDK for Go message is about, from the text before it: `operation error Lambda: CreateFunction`.
 */
function calledBefore(text: string, start: number): string | undefined {
  const before = text.slice(Math.max(0, start - MAX_BEFORE), start);
  return /operation error ([\w -]+): \w+,(?:(?!operation error|is not authorized).)*$/s.exec(before)?.[1];
}

/** The most characters between the operation's name and the message: the status and the request ids. */
const MAX_BEFORE = 400;

/** The most characters after the resource in a message; encoded messages are the longest. */
const MAX_REASON = 600;

function after(text: string, end: number): string {
  return text.slice(end, end + MAX_REASON);
}

/** The ARN of something that IAM gives by kind and name, in the caller's account. IAM leaves out its path. */
function arnOf(kind: string, name: string, principal: string): string {
  // Lists have no resource level.
  if (kind === 'policy path') return '*';
  if (name.startsWith('arn:')) return name;
  const [, partition = 'aws', , , account = '*'] = principal.split(':');
  return `arn:${partition}:iam::${account}:${kind.replace(' ', '-')}/${name}`;
}

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
