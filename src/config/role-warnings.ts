import { enumerated } from '../enumerated.ts';
import { broadActions, escalations, writes } from '../policies/escalation.ts';
import { fits } from '../policies/glob.ts';
import { isReadOnlyPolicy, policyNameOf } from '../policies/managed-names.ts';
import { repositoriesOf } from '../policies/trust.ts';
import { shellWord } from '../shell.ts';
import { pathText } from './issues.ts';
import { statementLists } from './role-statements.ts';
import type { ConfigWarning } from './rule.ts';
import type { RoleConfig } from './schema.ts';

/** Subjects whose code has not been reviewed: examples of what anyone with push access can present. */
const UNREVIEWED = [
  { what: 'branch', subject: 'ref:refs/heads/any-branch' },
  { what: 'tag', subject: 'ref:refs/tags/any-tag' },
  // If a workflow names an environment that does not exist, GitHub creates it without protection rules.
  { what: 'environment', subject: 'environment:any-environment' },
  { what: 'pull request', subject: 'pull_request' },
];

/**
 * AWS managed policies with full access, or full access to IAM:
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/
 */
const ADMINISTRATORS = ['AdministratorAccess', 'IAMFullAccess', 'PowerUserAccess'];

/** Managed policies with which a role can change itself. */
const SELF_CHANGING = ['AdministratorAccess', 'IAMFullAccess'];

/** Dangers in one role of the config. */
export function roleWarnings(role: RoleConfig, path: string): readonly ConfigWarning[] {
  const messages = [...openWarnings(role, path), ...environmentWarnings(role, path), ...selfChangeWarnings(role, path)];
  return messages.map((message) => ({ id: `role/${role.name}`, message }));
}

/** Access without a review, combined with what the role can do. */
function openWarnings(role: RoleConfig, path: string): readonly string[] {
  const power = administration(role);
  const writing = power.length > 0 ? power : writeAccess(role);
  if (writing.length === 0) return [];
  return trustedSubjects(role).flatMap(({ subject, place }) => {
    const open = UNREVIEWED.filter((unreviewed) => fits(subject, unreviewed.subject)).map(({ what }) => what);
    if (open.length === 0) return [];
    const who = `${path}.${place}: "${subject}" lets any ${listed(open)}`;
    const way = 'Trust "ref:refs/heads/main" or a protected environment';
    return power.length > 0
      ? [
          `${who} do nearly anything (${listed(writing)}) before review: anyone who can push controls the account. ${way}, or allow less.`,
        ]
      : [`${who} write (${listed(writing)}) before review. ${way}, and give pull requests a read-only role.`];
  });
}

/**
 * Environments whose jobs can assume a role with write access, in one sentence per repository. The subject of such a
 * job contains no branch, so only the environment's own rules, which only GitHub can show, exclude other branches.
 */
export function environmentWarnings(role: RoleConfig, path: string): readonly string[] {
  if (administration(role).length === 0 && writeAccess(role).length === 0) return [];
  const named = trustedSubjects(role).flatMap(({ subject, ...trusted }) => {
    const name = /^environment:([^*?]+)$/.exec(subject)?.[1];
    return name === undefined ? [] : [{ ...trusted, subject, name }];
  });
  const repositories = [...new Set(named.map(({ repository }) => repository))];
  return repositories.map((repository) => {
    const all = named.filter((environment) => environment.repository === repository);
    const [first] = all;
    const subjects = all.map(({ subject }) => `"${subject}"`);
    const isOne = first !== undefined && all.length === 1;
    // Subjects contain %3A for a colon.
    const segment = isOne ? `/${encodeURIComponent(first.name.replaceAll('%3A', ':'))}` : '';
    const check = `gh api ${shellWord(`repos/${repository}/environments${segment}`)}`;
    const safe = isOne ? 'is only as safe as its protection' : 'are only as safe as their protection';
    const place = isOne ? first.place : first?.place.replace(/\[\d+\]$/, '');
    const [them, their] = isOne ? ['it', 'its'] : ['them', 'their'];
    return `${path}.${place}: ${enumerated(subjects)} ${safe}: without a branch rule, any branch can use ${them}. \`${check}\` shows ${their} rules; \`crc outputs\` prints the commands that add them.`;
  });
}

/** Each subject with its repository and its path in the role. */
function trustedSubjects({ trust }: RoleConfig) {
  return repositoriesOf(trust).flatMap(({ repository, subjects }, block) =>
    subjects.map((subject, at) => ({
      repository,
      subject,
      place: pathText([...(Array.isArray(trust) ? ['trust', block] : ['trust']), 'subjects', at]),
    })),
  );
}

function administration(role: RoleConfig): readonly string[] {
  const statements = statementLists(role).flatMap((list) => list.statements);
  return [
    ...role.managedPolicyArns.map(policyNameOf).filter((name) => ADMINISTRATORS.includes(name)),
    ...statements.flatMap((statement) => broadActions(statement).map((action) => `${action} on *`)),
  ];
}

function writeAccess(role: RoleConfig): readonly string[] {
  const { state, managedPolicyArns, crc } = role;
  return [
    ...state.filter(({ access }) => access === 'write').map(({ key }) => `the state ${key}`),
    ...statementLists(role).flatMap(({ path, statements }) =>
      statements.flatMap((statement, at) => (writes(statement) ? [pathText([...path, at])] : [])),
    ),
    ...managedPolicyArns.filter((arn) => !isReadOnlyPolicy(arn)).map(policyNameOf),
    ...(crc.includes('deploy-function') ? ['its "deploy-function"'] : []),
  ];
}

type Powers = Pick<RoleConfig, 'statements' | 'managedPolicyArns' | 'permissionsBoundary'> &
  Partial<Pick<RoleConfig, 'inlinePolicies'>>;

/**
 * Statements and policies with which a role can change itself or gain more permissions. Includes execution roles,
 * since CI may deploy their code.
 */
export function selfChangeWarnings(powers: Powers, path: string): readonly string[] {
  const { managedPolicyArns, permissionsBoundary } = powers;
  const bounded = permissionsBoundary === undefined ? '' : ', unless its permissions boundary forbids it';
  const why = `with it the role can gain rights that it was not given, up to all of the account's${bounded}.`;
  const way =
    'Name the roles, and allow it only under a Condition on iam:PermissionsBoundary, or leave roles to `crc bootstrap` and take it out.';
  return [
    ...statementLists(powers)
      .flatMap((list) => escalations(list.statements).map((escalation) => ({ ...escalation, list: list.path })))
      .map(({ list, at, actions, resources, conditional }) => {
        const when = conditional ? ' (as far as its Condition lets it)' : '';
        return `${path}.${pathText([...list, at])}: allows ${listed(actions)} on ${listed(resources)}${when}: ${why} ${way}`;
      }),
    ...managedPolicyArns.flatMap((arn, at) =>
      SELF_CHANGING.includes(policyNameOf(arn)) && arn.includes(':iam::aws:')
        ? [
            `${path}.managedPolicyArns[${at}]: ${policyNameOf(arn)} lets the role change every role: ${why} Name a policy with what it needs.`,
          ]
        : [],
    ),
  ];
}

/** Longer lists are truncated and counted. */
const MAX_LISTED = 4;

/** `a, b and c`; for long lists the first few and the number of the rest. */
function listed(names: readonly string[]): string {
  return enumerated(
    names.length > MAX_LISTED ? [...names.slice(0, MAX_LISTED - 1), `${names.length - MAX_LISTED + 1} more`] : names,
  );
}
