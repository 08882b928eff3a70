import { executionRoleName, providerArn } from '../../aws/arns.ts';
import { taggedArns } from '../../aws/tagged.ts';
import type { Config } from '../../config/schema.ts';
import type { Resource } from '../../engine/resource.ts';
import type { Context } from '../context.ts';
import { projectTag } from '../tags.ts';
import { unlisted } from './orphan.ts';
import { orphanRole, roleCandidates } from './roles.ts';
import { type LockTableUsers, orphanFunction, orphanLogGroup, orphanTable } from './tagged.ts';
import { functionUsers } from './users.ts';

/**
 * What may have left the config: the resources of this project that the config does not name. Roles that CI can assume come first,
 * then the other roles, functions, log groups and tables. Some may belong to others: reading one compares its tags. What could not be
 * listed is a resource that cannot be read.
 */
export async function orphanCandidates(
  config: Config,
  context: Context,
  lockTableUsers: LockTableUsers,
): Promise<readonly Resource[]> {
  await context.clients.load('iam', 'tag', 'lambda', 'dynamodb', 'logs');
  const provider = providerArn(context.place, config.oidcProvider.url);
  const [roles, tagged] = await Promise.allSettled([
    roleCandidates({ named: roleNames(config), provider }, context),
    taggedArns(context.clients, projectTag(config.project)),
  ]);
  const names = namesIn(tagged.status === 'fulfilled' ? tagged.value : [], config);
  const users = functionUsers(context.clients, new Set(names.functions));
  return [
    ...(roles.status === 'fulfilled'
      ? roles.value.map((role) => orphanRole(role, { provider, users }, context))
      : [unlisted({ ...ROLES, type: 'AWS::IAM::Role' }, roles.reason)]),
    ...(tagged.status === 'fulfilled' ? [] : [unlisted({ ...TAGGED, type: 'AWS::Lambda::Function' }, tagged.reason)]),
    ...names.functions.map((name) => orphanFunction(name, context)),
    ...names.logGroups.map((name) => orphanLogGroup(name, context)),
    ...names.tables.map((name) => orphanTable(name, { users, lockTableUsers }, context)),
  ];
}

const ROLES = { id: 'role/*', name: 'roles that are not in the config' };
const TAGGED = { id: 'function/*', name: 'functions and tables that are not in the config' };

function roleNames({ roles, functions }: Config): ReadonlySet<string> {
  const executing = functions.filter(({ role }) => role === undefined).map(({ name }) => executionRoleName(name));
  return new Set([...roles.map(({ name }) => name), ...executing]);
}

/** Names of what has the project's tag and is not in the config. */
function namesIn(arns: readonly string[], { functions, lockTable }: Config) {
  const named = (pattern: RegExp, known: readonly (string | undefined)[]) =>
    [...new Set(arns.flatMap((arn) => pattern.exec(arn)?.[1] ?? []))].filter((name) => !known.includes(name)).sort();
  const own = functions.map(({ name }) => name);
  return {
    functions: named(/^arn:[^:]+:lambda:[^:]+:\d+:function:([^:]+)$/, own),
    logGroups: named(/^arn:[^:]+:logs:[^:]+:\d+:log-group:\/aws\/lambda\/([^:]+)(?::\*)?$/, own),
    tables: named(/^arn:[^:]+:dynamodb:[^:]+:\d+:table\/([^/]+)$/, [
      lockTable?.name,
      ...functions.map(({ table }) => table?.name),
    ]),
  };
}
