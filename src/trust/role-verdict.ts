import type { Json } from '../json.ts';
import { admissionsOf } from './admissions.ts';
import { gitHub } from './audit/github-subjects.ts';
import { causeOf, type FoundCause } from './causes/index.ts';
import type { LiveProvider, Target } from './login.ts';
import { letInBesides, riskyOperators } from './reach.ts';
import {
  isShutOutByForm,
  type LoginRequest,
  type SubjectVerdict,
  together,
  type Verdict,
  verdictOn,
} from './verdict.ts';

export interface RoleVerdict {
  /** As written in the workflow, if crc does not know which role is requested. */
  readonly name: string;
  /** Empty if crc does not know the role. */
  readonly arn: string;
  readonly inConfig: boolean;
  readonly exists: boolean;
  readonly verdict: Verdict;
  readonly subjects: readonly SubjectVerdict[];
  readonly warnings: readonly string[];
  /** What crc cannot see. */
  readonly hidden: string;
}

/** Who should be able to assume a role according to the config. */
export interface Meant {
  readonly audiences: readonly string[];
  /** Whole subjects, with wildcards. */
  readonly subjects: readonly string[];
  readonly warnings: readonly string[];
}

export interface RoleInput {
  readonly target: Target;
  readonly requests: readonly LoginRequest[];
  /** Verdicts on logins that may request this role and that it accepts. */
  readonly assumed: readonly SubjectVerdict[];
  /** Undefined if the role is not in the config. */
  readonly meant: Meant | undefined;
  readonly permissionsBoundary: string | undefined;
}

/** The verdict on each login that requests a role, and who else can assume it. */
export function roleVerdict({ target, requests, assumed, meant, permissionsBoundary }: RoleInput): RoleVerdict {
  const { role } = target;
  const subjects = [...requests.map((request) => verdictOn(request, target)), ...assumed];
  const evaluation = subjects[0]?.evaluation;
  const letIn = role.trust === undefined ? [] : letInBy(role.trust, target.provider, meant);
  const who =
    meant === undefined
      ? 'more than your repository can assume the role'
      : 'not in the config, but can assume the role';
  return {
    name: role.name,
    arn: role.arn,
    inConfig: meant !== undefined,
    exists: role.trust !== undefined,
    verdict: together(subjects),
    subjects,
    warnings: [
      ...letIn.map((admission) => `${who}: ${admission}`),
      ...(meant?.warnings ?? []),
      ...(evaluation === undefined
        ? []
        : riskyOperators(evaluation, role.name).map(({ cause, fix }) => `${cause} ${fix}`)),
    ],
    hidden: hiddenBehind(permissionsBoundary),
  };
}

/** The verdict on a role that could not be read. */
export function unreadVerdict({
  why,
  ...role
}: Pick<RoleVerdict, 'name' | 'arn' | 'inConfig'> & { readonly why: string }): RoleVerdict {
  return {
    ...role,
    exists: true,
    verdict: 'unknown',
    subjects: [],
    warnings: [`could not be read. ${why}`],
    hidden: hiddenBehind(undefined),
  };
}

/** For a role that is not in the config, only access by more than one GitHub owner is worth reporting. */
export function letInBy(
  policy: Json,
  provider: Pick<LiveProvider, 'arn' | 'url'>,
  meant: Meant | undefined,
): readonly string[] {
  if (meant !== undefined) return letInBesides(policy, provider, meant);
  const isOfOneOwner = (pattern: string) => !['anyone', 'named'].includes(gitHub.subject(pattern).scope);
  const tokens = admissionsOf({ policy, provider, meant: { subjects: isOfOneOwner, audiences: undefined } });
  return [...new Set(tokens.map(({ shown }) => shown))];
}

/** What could still deny the login, but is not visible in the role. */
function hiddenBehind(permissionsBoundary: string | undefined): string {
  const boundary =
    permissionsBoundary === undefined
      ? ''
      : `, and what its permissions boundary ${permissionsBoundary} denies after the login`;
  return `crc cannot see what service control policies and resource control policies of the organization deny${boundary}.`;
}

/** A login that requests a role which is only known during the run. */
export interface OpenLogin {
  /** `role-to-assume` as the workflow has it. */
  readonly written: string;
  readonly requests: readonly LoginRequest[];
}

export interface OpenVerdicts {
  /** By role name: logins that the role accepts and that may request it. */
  readonly assumed: ReadonlyMap<string, readonly SubjectVerdict[]>;
  /** The logins that no role accepts. */
  readonly unknown: readonly RoleVerdict[];
}

/**
 * A login whose role is unknown is assumed to request a role that accepts it, if there is one. If there is none, it may
 * request another role, so nothing is suggested that would widen a role for it.
 */
export function openVerdicts(logins: readonly OpenLogin[], targets: readonly Target[]): OpenVerdicts {
  const assumed = new Map<string, SubjectVerdict[]>();
  const unknown = new Map<string, SubjectVerdict[]>();
  for (const { written, requests } of logins) {
    const tried = targets.map((target) => ({
      target,
      subjects: requests.map((request) => verdictOn(request, target)),
    }));
    const accepting = tried.find(({ subjects }) =>
      subjects.every(({ verdict, formDoubt }) => verdict === 'can' || formDoubt),
    );
    if (accepting !== undefined) {
      const { name } = accepting.target.role;
      const rows = accepting.subjects.map((subject) => ({
        ...subject,
        doubt: subject.doubt ?? `if ${written} is this role`,
      }));
      assumed.set(name, [...(assumed.get(name) ?? []), ...rows]);
    } else if (requests.some(({ aside }) => aside !== true)) {
      const rows = tried[0]?.subjects.map((subject) => notSure(subject, written, targets)) ?? [];
      unknown.set(written, [...(unknown.get(written) ?? []), ...rows]);
    }
  }
  return { assumed, unknown: [...unknown].map(([written, subjects]) => unknownRole(written, subjects)) };
}

function unknownRole(written: string, subjects: readonly SubjectVerdict[]): RoleVerdict {
  const denied = subjects.some(({ expected, verdict }) => expected && verdict === 'cannot');
  return {
    ...{ name: written, arn: '', inConfig: false, exists: false, verdict: denied ? 'cannot' : 'unknown' },
    ...{ subjects, warnings: [], hidden: hiddenBehind(undefined) },
  };
}

/** Causes that prevent a job from assuming any role. */
function isOfAnyRole({ id }: FoundCause): boolean {
  return /^(id-token|token-|provider-(issuer|missing|audience))/.test(id);
}

function notSure(subject: SubjectVerdict, written: string, targets: readonly Target[]): SubjectVerdict {
  const certain = subject.causes.filter(isOfAnyRole);
  if (certain.length > 0) return { ...subject, verdict: 'cannot', causes: certain };
  const roles = targets.map(({ role }) => role.name).join(', ');
  return {
    ...subject,
    verdict: 'unknown',
    decision: undefined,
    causes: [causeOf('role-unknown', { value: written, roles })],
  };
}

/** A note about the form of a repository's subjects, if GitHub did not provide it and it matters. */
export function formSentence(repository: string, roles: readonly RoleVerdict[]): string | undefined {
  const denying = roles.filter(({ subjects }) => isShutOutByForm(subjects)).map(({ name }) => name);
  if (denying.length === 0) return undefined;
  const names = [...new Set(denying)].join(', ');
  return `crc could not find out whether the subjects of ${repository} have its ids in them (repo:OWNER@ID/NAME@ID:…), as those of repositories created, renamed or transferred after 2026-07-15 do: ${names} would deny them. Log in with \`gh auth login\` and run \`crc explain\` again, or trust both forms: add ownerId and repositoryId to the config.`;
}
