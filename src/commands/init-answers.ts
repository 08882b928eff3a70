import { REGION_NAMES } from '../aws/region-names.ts';
import {
  accountId as accountIdCheck,
  bucketName,
  type Check,
  providerUrl,
  region as regionCheck,
} from '../config/names.ts';
import { repository as repositoryCheck } from '../config/subjects.ts';
import { CrcError } from '../errors.ts';
import type { DefaultBranch } from '../github/clone.ts';
import { GITHUB, issuerOfHost, type RemoteRepository } from '../github/host.ts';
import { type Answers, FUNCTION_KINDS, type FunctionKind, type GitHubIds, projectId } from '../init/config.ts';
import { proposedBucket } from '../init/names.ts';
import type { Suggestions } from '../init/survey/proposal.ts';
import type { InitOptions } from './definitions/init.ts';
import { badFlag, IDS_FORM, idsCommand, parsedIds } from './init-flags.ts';
import { answerNotes, type KnownRepository } from './init-notes.ts';

/** What is known about the surroundings of a new project. */
export interface Surroundings {
  readonly remote: RemoteRepository | undefined;
  /** The default branch according to the clone. */
  readonly branch: DefaultBranch;
  /** The folder in the clone, if another folder already has a project; otherwise empty. */
  readonly folder: string;
  /** From the AWS credentials and settings: requested while the first question is answered. */
  readonly place: Promise<{ readonly region: string | undefined; readonly accountId: string | undefined }>;
  /** Suggestions from the code in the repository. */
  readonly suggestions: Suggestions;
  readonly lookup: (repository: string) => Promise<KnownRepository>;
}

export interface AnswersInput {
  readonly options: InitOptions;
  readonly surroundings: Surroundings;
  /** There is a terminal to prompt in. */
  readonly asks: boolean;
  /** Shows a line to the user. */
  readonly show: (line: string) => void;
  /** Ends the prompts, in a run that a signal stops. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Everything that a new project depends on: from flags, else from the surroundings, else from prompts. @throws CrcError
 * that names every missing flag, and one for a clone from a server other than github.com if no prompt is possible,
 * since it is unclear whose tokens to trust.
 */
export async function answersOf(input: AnswersInput): Promise<Answers> {
  const { options, surroundings, asks, show } = input;
  const { remote, suggestions } = surroundings;
  const issuer = await issuerFor(input, remote);
  const suggested = {
    repository: options.repository ?? remote?.repository,
    region: options.region ?? suggestions.region ?? suggestions.bucketRegion,
  };
  const { repository: foundRepository, region: foundRegion } = asks
    ? suggested
    : complete({ ...suggested, region: suggested.region ?? (await surroundings.place).region }, input);
  const asked = await answerTo(input, {
    flag: 'repository',
    message: 'GitHub repository (owner/name)',
    proposed: foundRepository,
    check: repositoryCheck,
  });
  // GitHub's answer arrives while the next questions are answered.
  const lookup = issuer === undefined ? surroundings.lookup(asked) : undefined;
  const place = await surroundings.place;
  const region = await regionFor(input, foundRegion ?? place.region);
  const account = await answerTo(input, {
    flag: 'account',
    message: 'AWS account ID (recommended: prevents changes in the wrong account)',
    proposed: options.account ?? place.accountId ?? suggestions.accountId,
    check: (given) => accountIdCheck(withoutHyphens(given)),
    optional: true,
  });
  const accountId = account === '' ? undefined : withoutHyphens(account);
  const known = await lookup;
  const repository = nameOf(known, asked, show);
  const bucket = await answerTo(input, {
    flag: 'bucket',
    message: 'Name of the state bucket (must be globally unique)',
    proposed:
      options.bucket ??
      suggestions.bucket ??
      proposedBucket(projectId({ repository, folder: surroundings.folder }), accountId, region),
    check: bucketName,
  });
  const functionKind = await kindOf(input, suggestions.hasFunctions);
  // They belong to the existing bucket.
  const { bucketRegion, lockTable, keyArn } = bucket === suggestions.bucket ? suggestions : {};
  if (surroundings.folder !== '') {
    show(
      'note: another folder of the repository has a crc.config.json; the names of this project contain its folder, so that they share no state',
    );
  }
  const defaultBranch = defaultBranchOf(known, surroundings.branch);
  const branch = options.branch ?? defaultBranch.name;
  for (const note of answerNotes({ options, remote, issuer, known, repository, functionKind, defaultBranch })) {
    show(note);
  }
  return {
    repository,
    region,
    accountId,
    bucket,
    bucketRegion,
    functionKind,
    issuer,
    ids: issuer === undefined ? await idsFor(input, repository, known) : undefined,
    branch,
    folder: surroundings.folder,
    lockTable,
    keyArn,
  };
}

/** The AWS console shows the ID of an account as 1234-5678-9012. */
function withoutHyphens(account: string): string {
  return account.trim().replace(/^(\d{4})-(\d{4})-(\d{4})$/, '$1$2$3');
}

interface Wanted {
  readonly flag: 'repository' | 'account' | 'bucket';
  readonly message: string;
  /** The answer from the flags or the surroundings. */
  readonly proposed: string | undefined;
  readonly check: Check;
  /** Whether an empty answer is allowed. */
  readonly optional?: boolean;
}

/** Prompts, with the detected value as the default. A flag replaces the prompt. */
async function answerTo({ options, asks, signal }: AnswersInput, wanted: Wanted): Promise<string> {
  const { flag, message, proposed, check, optional = false } = wanted;
  if (asks && options[flag] === undefined) {
    const { askText } = await import('../ui/ask.ts');
    const initial = proposed ?? '';
    const checked = (given: string) => (optional && given === '' ? undefined : check(given));
    return await askText({ message, initial, check: checked, signal });
  }
  const problem = proposed === undefined ? undefined : check(proposed);
  if (problem !== undefined) throw badFlag(flag, proposed, problem);
  return proposed ?? '';
}

async function regionFor({ options, asks, signal }: AnswersInput, proposed: string | undefined): Promise<string> {
  if (!asks || options.region !== undefined) {
    const problem = proposed === undefined ? undefined : regionCheck(proposed);
    if (problem !== undefined) throw badFlag('region', proposed, problem);
    return proposed ?? '';
  }
  const { askFromList } = await import('../ui/ask.ts');
  const known = Object.entries(REGION_NAMES);
  // The profile may contain a region newer than the list.
  const isNewer =
    proposed !== undefined && !Object.hasOwn(REGION_NAMES, proposed) && regionCheck(proposed) === undefined;
  const regions = isNewer ? [[proposed, ''] as const, ...known] : known;
  const width = Math.max(...regions.map(([region]) => region.length));
  const choices = regions.map(([value, name]) => ({ value, label: `${value.padEnd(width)}  ${name}`.trimEnd() }));
  return await askFromList({ message: 'AWS region', choices, initial: proposed, signal });
}

const EXAMPLES = { repository: 'OWNER/NAME', region: 'eu-west-2' } as const;

interface Given {
  readonly repository: string | undefined;
  readonly region: string | undefined;
}

/**
 * @throws CrcError that names what is missing if no prompt is possible. With --dry-run, a user sees the output with an
 * example region, which affects little of it; programs and written files never get an example.
 */
function complete(given: Given, { options: { dryRun, json }, show }: AnswersInput): Given {
  if (given.region === undefined && given.repository !== undefined && dryRun && !json) {
    show(`note: no region was found, so ${EXAMPLES.region} is used as an example; pass --region for your own`);
    return { ...given, region: EXAMPLES.region };
  }
  const missing = (['repository', 'region'] as const).filter((flag) => given[flag] === undefined);
  if (missing.length === 0) return given;
  throw new CrcError(`Missing: ${missing.map((flag) => `--${flag}`).join(', ')}.`, {
    hint: `Pass ${missing.map((flag) => `--${flag} ${EXAMPLES[flag]}`).join(' ')}. By default, the repository comes from the git remote, and the region from AWS_REGION or the profile.`,
  });
}

/** Servers that run no GitHub Actions. Any other may be a GitHub Enterprise Server. */
const OTHER_HOSTS = ['gitlab.com', 'bitbucket.org', 'codeberg.org', 'dev.azure.com', 'ssh.dev.azure.com'];

/**
 * A repository with the same name on github.com would belong to a stranger, so the user must name the issuer for
 * another server.
 */
async function issuerFor(
  { options: { repository }, asks, signal }: AnswersInput,
  remote: RemoteRepository | undefined,
): Promise<string | undefined> {
  if (repository !== undefined || remote === undefined || remote.host === GITHUB) return undefined;
  const { host, isAlias } = remote;
  if (OTHER_HOSTS.includes(host)) {
    throw new CrcError(`The git remote is on ${host}, and crc prepares AWS for GitHub Actions.`, {
      hint: 'If the repository is on github.com too, pass --repository OWNER/NAME.',
    });
  }
  const product = host.endsWith('.ghe.com')
    ? 'GitHub Enterprise Cloud with data residency'
    : 'GitHub Enterprise Server';
  if (!asks) {
    const elsewhere = `Run \`crc init\` on a terminal, which asks for the OIDC issuer of ${host}. Or pass --repository OWNER/NAME: that is a repository on github.com, until you set "oidcProvider": { "url": "${issuerOfHost(host)}" } (the issuer of ${product}) in crc.config.json.`;
    throw new CrcError(`The git remote is on ${host}, not on github.com, so crc cannot know whose tokens to trust.`, {
      hint: isAlias
        ? `If ${host} is github.com in your ~/.ssh/config, pass --repository ${remote.repository ?? 'OWNER/NAME'}. Otherwise run \`crc init\` on a terminal, which asks for its OIDC issuer.`
        : elsewhere,
    });
  }
  const { askText } = await import('../ui/ask.ts');
  const issuer = await askText({
    message: isAlias
      ? `OIDC issuer of ${host} (of github.com: ${issuerOfHost(GITHUB)})`
      : `OIDC issuer of ${host} (of ${product}: ${issuerOfHost(host)})`,
    initial: isAlias ? '' : issuerOfHost(host),
    check: (given) => providerUrl(given),
    signal,
  });
  return issuer === issuerOfHost(GITHUB) ? undefined : issuer;
}

/** Tokens contain GitHub's spelling of the name, and IAM compares it case-sensitively. */
function nameOf(known: KnownRepository | undefined, asked: string, show: (line: string) => void): string {
  const name = known !== undefined && 'fullName' in known ? known.fullName : undefined;
  if (name === undefined || name === asked || repositoryCheck(name) !== undefined) return asked;
  const isSpelling = name.toLowerCase() === asked.toLowerCase();
  show(
    isSpelling
      ? `note: GitHub spells the repository ${name}, and so do its tokens; the roles trust that spelling`
      : `note: ${asked} is called ${name} on GitHub now; the roles trust the new name`,
  );
  return name;
}

function defaultBranchOf(known: KnownRepository | undefined, ofClone: DefaultBranch): DefaultBranch {
  const name = known !== undefined && 'defaultBranch' in known ? known.defaultBranch : undefined;
  return name === undefined ? ofClone : { name, isGuess: false };
}

/** The ids from the flag or GitHub, or else from the user; undefined if they are unknown. */
async function idsFor(
  { options, asks, show, signal }: AnswersInput,
  repository: string,
  known: KnownRepository | undefined,
): Promise<GitHubIds | undefined> {
  if (options.githubIds !== undefined) return parsedIds(options.githubIds);
  if (known === undefined) return undefined;
  if (!('unknown' in known)) return { ownerId: known.ownerId, repositoryId: known.repositoryId };
  show(
    `note: GitHub's IDs of ${repository} are not known: gh is missing or not logged in, and ${known.unknown}. If the repository was created, renamed or transferred after 15 July 2026, its tokens contain them, and AWS denies its workflow until the roles contain them too. This prints them:`,
  );
  show(`  ${idsCommand(repository)}`);
  // A complete command line is not interrupted by a prompt.
  if (!asks || options.repository !== undefined) return undefined;
  const { askText } = await import('../ui/ask.ts');
  const answer = await askText({
    message: 'GitHub IDs of owner and repository (leave empty to add them later)',
    placeholder: '583231/1296269',
    check: (given) => (given === '' || parsedIds(given) !== undefined ? undefined : IDS_FORM),
    signal,
  });
  return parsedIds(answer);
}

async function kindOf({ options, asks, signal }: AnswersInput, hasFunctions: boolean): Promise<FunctionKind> {
  const chosen = FUNCTION_KINDS.find((kind) => kind === options.function);
  if (chosen !== undefined) return chosen;
  const initial = hasFunctions ? 'none' : 'typescript';
  if (!asks) return initial;
  const { askChoice } = await import('../ui/ask.ts');
  const labels = { typescript: 'TypeScript', python: 'Python', none: 'no function' };
  const choices = FUNCTION_KINDS.map((value) => ({ value, label: labels[value] }));
  return await askChoice({ message: 'A Lambda function that counts visits, in', choices, initial, signal });
}
