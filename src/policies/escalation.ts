import { listOf } from './document.ts';
import { fits, fitsAnyCase, hasWildcard } from './glob.ts';

/** A statement as a user writes it in the config. */
export interface UserStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The kind of resource that a privilege escalation changes. */
type Target = 'role' | 'user' | 'group' | 'policy';

/**
 * Actions with which a principal can raise its own permissions, or those of a principal that it can become. From
 * https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/,
 * https://bishopfox.com/blog/privilege-escalation-in-aws and https://github.com/salesforce/cloudsplaining (their lists
 * agree on these). Also removing the permissions boundary, which enables the others.
 */
const ESCALATIONS: ReadonlyMap<string, Target> = new Map([
  ['iam:PutRolePolicy', 'role'],
  ['iam:AttachRolePolicy', 'role'],
  ['iam:UpdateAssumeRolePolicy', 'role'],
  ['iam:PutRolePermissionsBoundary', 'role'],
  ['iam:DeleteRolePermissionsBoundary', 'role'],
  ['iam:CreatePolicyVersion', 'policy'],
  ['iam:SetDefaultPolicyVersion', 'policy'],
  ['iam:PutUserPolicy', 'user'],
  ['iam:AttachUserPolicy', 'user'],
  ['iam:DeleteUserPermissionsBoundary', 'user'],
  ['iam:CreateAccessKey', 'user'],
  ['iam:CreateLoginProfile', 'user'],
  ['iam:UpdateLoginProfile', 'user'],
  ['iam:PutGroupPolicy', 'group'],
  ['iam:AttachGroupPolicy', 'group'],
  ['iam:AddUserToGroup', 'group'],
]);

/** Actions with which a principal becomes another one: fine for named ones, but not for all of them. */
const BECOMING: ReadonlyMap<string, { readonly service: string; readonly any: string }> = new Map([
  ['iam:PassRole', { service: 'iam', any: 'role/any-role' }],
  ['sts:AssumeRole', { service: 'iam', any: 'role/any-role' }],
  ['lambda:UpdateFunctionCode', { service: 'lambda', any: 'function:any-function' }],
]);

/** Actions of one statement with which a role can raise its own permissions, and the target. */
export interface Escalation {
  /** Index of the statement. */
  readonly at: number;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** A condition may prevent it; conditions are not evaluated. */
  readonly conditional: boolean;
}

/**
 * Statements with which a role can change itself or become a more powerful principal, minus what the same policy
 * denies.
 */
export function escalations(statements: readonly UserStatement[]): readonly Escalation[] {
  const denials = statements.filter((statement) => statement.Effect === 'Deny' && isEmpty(statement.Condition));
  const denied = (action: string) => denials.some((denial) => takesIn(denial, action) && isEverywhere(denial));
  return statements.flatMap((statement, at) => {
    if (statement.Effect !== 'Allow' || needsBoundary(statement)) return [];
    const changing = [...ESCALATIONS].flatMap(([action, target]) => (reaches(statement, target) ? [action] : []));
    const becoming = [...BECOMING].flatMap(([action, { service, any }]) =>
      isEvery(statement, service, any) ? [action] : [],
    );
    const actions = [...changing, ...becoming].filter((action) => takesIn(statement, action) && !denied(action));
    if (actions.length === 0) return [];
    return [{ at, actions, resources: resourcesOf(statement), conditional: !isEmpty(statement.Condition) }];
  });
}

/** What a statement allows on all resources, if that is everything or a whole service: `*`, `s3:*`, `all but iam:*`. */
export function broadActions({ Effect, Action, NotAction, ...rest }: UserStatement): readonly string[] {
  if (Effect !== 'Allow' || !isEverywhere({ Effect, ...rest })) return [];
  if (NotAction !== undefined) return [`all but ${listOf(NotAction).join(', ')}`];
  return listOf(Action).filter((action) => /^(\*|[\w-]+:\*+)$/.test(action));
}

/** Prefixes of read-only actions: https://docs.aws.amazon.com/service-authorization/latest/reference/ */
const READS = [
  'Get',
  'List',
  'Describe',
  'BatchGet',
  'Head',
  'Query',
  'Scan',
  'Search',
  'Lookup',
  'View',
  'Select',
  'Simulate',
];

/**
 * Read-only actions with unusual names, of those that jobs often have:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/
 */
const OTHER_READS = [
  'access-analyzer:validatepolicy',
  'cloudformation:detectstackdrift',
  'cloudformation:validatetemplate',
  'codeartifact:readfromrepository',
  'codecommit:gitpull',
  'dynamodb:conditioncheckitem',
  'dynamodb:partiqlselect',
  'ecr:batchchecklayeravailability',
  'ecr-public:batchchecklayeravailability',
  'es:eshttpget',
  'es:eshttphead',
  'iam:generatecredentialreport',
  'iam:generateservicelastaccesseddetails',
  'kms:decrypt',
  'logs:filterlogevents',
  'logs:startquery',
  'logs:stopquery',
  'logs:testmetricfilter',
  'sts:decodeauthorizationmessage',
];

/** Whether a statement allows anything but reads. */
export function writes({ Effect, Action, NotAction }: UserStatement): boolean {
  if (Effect !== 'Allow') return false;
  return NotAction !== undefined || !listOf(Action).every(isReadAction);
}

/** Whether an action, or every action that matches a pattern, is a read. */
export function isReadAction(action: string): boolean {
  const lower = action.toLowerCase();
  const name = lower.split(':')[1] ?? '';
  return READS.some((start) => name.startsWith(start.toLowerCase())) || OTHER_READS.includes(lower);
}

function takesIn({ Action, NotAction }: UserStatement, action: string): boolean {
  const within = (patterns: readonly string[]) => patterns.some((pattern) => fitsAnyCase(pattern, action));
  return NotAction === undefined ? within(listOf(Action)) : !within(listOf(NotAction));
}

/** Whether the statement may cover a resource of that kind. All IAM resources of one account have this form. */
function reaches({ Resource, NotResource }: UserStatement, target: Target): boolean {
  if (NotResource !== undefined) return true;
  return listOf(Resource).some((pattern) => {
    if (pattern === '*') return true;
    const parts = pattern.split(':');
    const resource = parts.slice(5).join(':');
    const service = parts[2] ?? '*';
    if (parts.length < 6) return hasWildcard(pattern) && couldBegin(pattern, 'arn:aws:iam::');
    return fits(service, 'iam') && couldBegin(resource, `${target}/`);
  });
}

/** Whether a pattern can match a text that starts this way. */
function couldBegin(pattern: string, start: string): boolean {
  const literal = pattern.split(/[*?]/)[0] ?? '';
  return literal.length < pattern.length && literal.length < start.length
    ? start.startsWith(literal)
    : literal.startsWith(start);
}

/** Whether the statement covers all resources of a kind, including ones that were never intended. */
function isEvery({ Resource, NotResource }: UserStatement, service: string, any: string): boolean {
  if (NotResource !== undefined) return true;
  return listOf(Resource).some((pattern) => {
    if (/^\*+$/.test(pattern)) return true;
    const [, , ofService = '', , , ...resource] = pattern.split(':');
    return fits(ofService, service) && fits(resource.join(':'), any);
  });
}

function isEverywhere({ Resource, NotResource }: UserStatement): boolean {
  return NotResource === undefined && listOf(Resource).some((pattern) => /^\*+$/.test(pattern));
}

/**
 * Whether the statement only applies to roles with a given permissions boundary, which then limits what they can do:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate
 */
function needsBoundary({ Condition }: UserStatement): boolean {
  return Object.entries(Condition ?? {}).some(
    ([operator, keys]) =>
      /^(String|Arn)(Equals|Like)$/.test(operator) &&
      Object.entries(keys).some(
        ([key, value]) =>
          key.toLowerCase() === 'iam:permissionsboundary' &&
          listOf(value).every((entry) => typeof entry === 'string' && !/^\*+$/.test(entry)),
      ),
  );
}

function resourcesOf({ Resource, NotResource }: UserStatement): readonly string[] {
  return NotResource === undefined ? listOf(Resource) : [`all but ${listOf(NotResource).join(', ')}`];
}

function isEmpty(value: object | undefined): boolean {
  return value === undefined || Object.keys(value).length === 0;
}
