import type { Role } from '@aws-sdk/client-iam';
import { executionRoleName, providerArn } from '../../aws/arns.ts';
import { rolesInAccount } from '../../aws/roles.ts';
import { taggedArns } from '../../aws/tagged.ts';
import type { Config } from '../../config/schema.ts';
import { type Context, contextIn } from '../context.ts';
import { ROLE_DESCRIPTION } from '../role.ts';
import { projectTag } from '../tags.ts';

/** A role that may have left the config. */
export interface RoleCandidate {
  readonly name: string;
  /** CI can assume it. */
  readonly isOpen: boolean;
}

/** A table that may have left the config: a lock table is where the bucket is, and not always in the project's region. */
export interface TableCandidate {
  readonly name: string;
  readonly region: string;
}

/** A kind of resource that could not be listed: there may be some that left the config. */
export interface ListingFailure {
  readonly id: string;
  readonly type: string;
  /** What could not be listed, for a person. */
  readonly name: string;
  readonly error: unknown;
}

/** Names of what may have left the config. Some may belong to others, or be gone: only reading one shows that. */
export interface OrphanListing {
  /** Those that CI can assume first. */
  readonly roles: readonly RoleCandidate[];
  readonly functions: readonly string[];
  /** Names of the functions whose log groups they are. */
  readonly logGroups: readonly string[];
  readonly tables: readonly TableCandidate[];
  readonly failures: readonly ListingFailure[];
}

/**
 * Lists what may have left the config: two calls, where the account fits on a page, and one more where the lock table is in another
 * region. Never throws for what AWS answers.
 */
export async function listOrphans(config: Config, context: Context): Promise<OrphanListing> {
  const { region } = context.place;
  const stateRegion = config.stateBucket.region;
  const [roles, arns, ofState] = await Promise.allSettled([
    context.clients.load('iam').then(() => roleCandidates(config, context)),
    taggedIn(region, config, context),
    stateRegion === region ? [] : taggedIn(stateRegion, config, context),
  ]);
  const { tables, ...names } = namesIn(arns.status === 'fulfilled' ? arns.value : [], config, region);
  // Nothing but the lock table is created there.
  const tablesOfState = namesIn(ofState.status === 'fulfilled' ? ofState.value : [], config, stateRegion).tables;
  return {
    roles: roles.status === 'fulfilled' ? roles.value : [],
    ...names,
    tables: [...tables, ...tablesOfState],
    failures: [
      ...(roles.status === 'fulfilled' ? [] : [{ ...ROLES, error: roles.reason }]),
      ...(arns.status === 'fulfilled' ? [] : [{ ...TAGGED, error: arns.reason }]),
      ...(ofState.status === 'fulfilled' ? [] : [{ ...TABLES, error: ofState.reason }]),
    ],
  };
}

async function taggedIn(region: string, { project }: Config, context: Context): Promise<readonly string[]> {
  const { clients } = contextIn(region, context);
  await clients.load('tag');
  return await taggedArns(clients, projectTag(project));
}

const ROLES = { id: 'role/*', type: 'AWS::IAM::Role', name: 'roles that are not in the config' };
const TAGGED = {
  id: 'function/*',
  type: 'AWS::Lambda::Function',
  name: 'functions and tables that are not in the config',
};

const TABLES = {
  id: 'table/*',
  type: 'AWS::DynamoDB::Table',
  name: "tables in the state bucket's region that are not in the config",
};

/**
 * ListRoles shows no tags, so the description that crc writes and the trust in an identity provider of CI choose those whose tags are
 * worth a call.
 */
async function roleCandidates(config: Config, { clients, place }: Context): Promise<readonly RoleCandidate[]> {
  const named = roleNames(config);
  const provider = providerArn(place, config.oidcProvider.url);
  const candidates: RoleCandidate[] = [];
  for await (const role of rolesInAccount(clients)) {
    const { RoleName: name = '', Description, Path = '/' } = role;
    // Services and AWS's single sign-on own these, and nobody else can tag them.
    if (named.has(name) || /^\/aws-(service-role|reserved)\//.test(Path)) continue;
    const isOpen = await mayBeOpenToCi(role, provider);
    if (isOpen || Description === ROLE_DESCRIPTION) candidates.push({ name, isOpen });
  }
  return candidates.sort((a, b) => Number(b.isOpen) - Number(a.isOpen));
}

/** What evaluates trust policies is loaded for a role that names an identity provider, and most accounts have no other such role. */
async function mayBeOpenToCi({ AssumeRolePolicyDocument: document = '' }: Role, provider: string): Promise<boolean> {
  if (!/oidc-provider(?:\/|%2F)/i.test(document)) return false;
  const { isOpenToCi, parsedTrust } = await import('./ci-trust.ts');
  const trust = parsedTrust(document);
  // Of a policy that cannot be parsed nobody can say that CI is kept out.
  return trust === undefined || isOpenToCi(trust, provider);
}

function roleNames({ roles, functions }: Config): ReadonlySet<string> {
  const executing = functions.filter(({ role }) => role === undefined).map(({ name }) => executionRoleName(name));
  return new Set([...roles.map(({ name }) => name), ...executing]);
}

/** Names of what has the project's tag in a region and is not in the config. */
function namesIn(
  arns: readonly string[],
  { functions, lockTable, stateBucket, ...config }: Config,
  region: string,
): Pick<OrphanListing, 'functions' | 'logGroups' | 'tables'> {
  const named = (pattern: RegExp, known: readonly (string | undefined)[]) =>
    [...new Set(arns.flatMap((arn) => pattern.exec(arn)?.[1] ?? []))].filter((name) => !known.includes(name)).sort();
  const own = functions.map(({ name }) => name);
  return {
    functions: named(/^arn:[^:]+:lambda:[^:]+:\d+:function:([^:]+)$/, own),
    logGroups: named(/^arn:[^:]+:logs:[^:]+:\d+:log-group:\/aws\/lambda\/([^:]+)(?::\*)?$/, own),
    tables: named(/^arn:[^:]+:dynamodb:[^:]+:\d+:table\/([^/]+)$/, [
      ...(region === stateBucket.region ? [lockTable?.name] : []),
      ...(region === config.region ? functions.map(({ table }) => table?.name) : []),
    ]).map((name) => ({ name, region })),
  };
}
