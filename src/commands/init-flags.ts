import {
  accountId as accountIdCheck,
  bucketName,
  type Check,
  region as regionCheck,
  tableName,
} from '../config/names.ts';
import { repository as repositoryCheck } from '../config/subjects.ts';
import { CrcError } from '../errors.ts';
import { FUNCTION_KINDS, type GitHubIds } from '../init/config.ts';
import type { InitOptions } from './definitions/init.ts';
import { checkChoices } from './workflow-yaml.ts';

const HELP = 'See `crc help init`.';

const IDS = /^\s*(\d{1,15})\s*[/,\s]\s*(\d{1,15})\s*$/;

/** `583231/1296269`; undefined if the format differs. */
export function parsedIds(text: string): GitHubIds | undefined {
  const [, ownerId, repositoryId] = (IDS.exec(text) ?? []).map(Number);
  return ownerId && repositoryId ? { ownerId, repositoryId } : undefined;
}

/** What `--github-ids` must be, for errors and the prompt. */
export const IDS_FORM = 'must be two numbers, like 583231/1296269';

/** A command that prints the ids of a repository in the format of `--github-ids`. */
export function idsCommand(repository: string): string {
  return `gh api repos/${repository} --jq '"\\(.owner.id)/\\(.id)"'`;
}

/** The error for a flag value, or for a value that replaces the flag. */
export function badFlag(flag: string, value: string | undefined, problem: string): CrcError {
  // Some end in a question: `did you mean "eu-west-2"?`
  return new CrcError(`--${flag}: "${value}" ${problem}${problem.endsWith('?') ? '' : '.'}`, { hint: HELP });
}

/** A wrong flag is reported before any prompt or request, including to GitHub and AWS. */
export function checkFlags(options: InitOptions): void {
  const { repository, region, account, bucket, lockTable, githubIds, function: kind } = options;
  const checks: readonly (readonly [string, string | undefined, Check])[] = [
    ['repository', repository, repositoryCheck],
    ['region', region, regionCheck],
    ['account', account, accountIdCheck],
    ['bucket', bucket, bucketName],
    ['lock-table', lockTable, tableName],
    ['github-ids', githubIds, (ids) => (parsedIds(ids) === undefined ? IDS_FORM : undefined)],
  ];
  for (const [flag, value, check] of checks) {
    const problem = value === undefined ? undefined : check(value);
    if (problem !== undefined) throw badFlag(flag, value, problem);
  }
  if (kind !== undefined && !FUNCTION_KINDS.some((known) => known === kind)) {
    throw new CrcError(`--function: "${kind}" must be one of ${FUNCTION_KINDS.join(', ')}.`, { hint: HELP });
  }
  if (options.fromAccount && kind !== undefined && kind !== 'none') {
    throw new CrcError(`--from-account and --function ${kind} cannot be used together.`, {
      hint: 'Leave --function out: the config then has the functions of the account whose code is in the repository.',
    });
  }
  if (lockTable !== undefined && !options.fromAccount) {
    throw new CrcError('--lock-table can only be used with --from-account.', {
      hint: 'Without it, a new config has the lock table of the Terraform code, or locks in the bucket.',
    });
  }
  checkChoices(options);
}
