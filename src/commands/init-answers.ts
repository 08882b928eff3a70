import { discoverPlace } from '../aws/discover.ts';
import {
  accountId as accountIdCheck,
  bucketName,
  type Check,
  providerUrl,
  region as regionCheck,
} from '../config/names.ts';
import { repository as repositoryCheck } from '../config/subjects.ts';
import { CrcError } from '../errors.ts';
import { GITHUB, hostOfIssuer, issuerOfHost, type RemoteRepository } from '../github/host.ts';
import { gitHubRepository, remoteOf } from '../github/repository.ts';
import { type Answers, FUNCTION_KINDS, type FunctionKind, proposedBucket } from '../init/answers.ts';
import type { Io } from '../ui/io.ts';
import type { InitOptions } from './definitions/init.ts';

const HELP = 'See `crc help init`.';

/**
 * All that a new project follows from: from the flags, else from what is around, else from the person. Throws a CrcError that
 * names every missing flag, and for a clone of another server than github.com where nobody can be asked whose tokens to trust.
 */
export async function answersOf(
  options: InitOptions,
  io: Io,
  asks: boolean,
): Promise<{ readonly answers: Answers; readonly notes: readonly string[] }> {
  checkFlags(options);
  const [remote, place] = await Promise.all([remoteOf(io.cwd, io.env), discoverPlace({ ...options, env: io.env })]);
  const issuer = await issuerFor(options, remote, asks);
  const missing: string[] = [];
  const answerTo = async (flag: string, message: string, value: string | undefined, check: Check, optional = false) => {
    if (asks && !Object.hasOwn(options, flag)) {
      const { askText } = await import('../ui/ask.ts');
      const accept: Check = (given) => (optional && given === '' ? undefined : check(given));
      return await askText({ message, initial: value ?? '', check: (given) => accept(given) });
    }
    const problem = value === undefined ? undefined : check(value);
    if (problem !== undefined) throw new CrcError(`--${flag}: "${value}" ${problem}.`, { hint: HELP });
    if (value === undefined && !optional) missing.push(`--${flag}`);
    return value ?? '';
  };
  const repository = await answerTo(
    'repository',
    'GitHub repository (owner/name)',
    options.repository ?? remote?.repository,
    repositoryCheck,
  );
  const region = await answerTo('region', 'AWS region', options.region ?? place.region, regionCheck);
  const account = await answerTo(
    'account',
    'AWS account ID (recommended: prevents changes in the wrong account)',
    options.account ?? place.accountId,
    accountIdCheck,
    true,
  );
  if (missing.length > 0) {
    throw new CrcError(`Missing: ${missing.join(', ')}.`, {
      hint: `Pass ${missing.map((flag) => `${flag} ${EXAMPLES[flag]}`).join(' ')}. Without the flag, the repository comes from the git remote, and the region from AWS_REGION or the profile.`,
    });
  }
  const accountId = account === '' ? undefined : account;
  const proposed = options.bucket ?? proposedBucket(repository, accountId, region);
  const bucket = await answerTo('bucket', 'Name of the state bucket (must be globally unique)', proposed, bucketName);
  const functionKind = await kindOf(options.function, asks);
  const answers: Answers = {
    repository,
    region,
    accountId,
    bucket,
    functionKind,
    issuer,
    // Ids and immutable subjects are GitHub's own.
    github: issuer === undefined ? await gitHubRepository({ host: GITHUB, repository }, io.cwd, io.env) : undefined,
  };
  return { answers, notes: [...hostNotes(options, remote, issuer), ...notesOf(answers)] };
}

/** The repository of the same name on github.com would be a stranger's: who signs the tokens of another server has to be said. */
async function issuerFor(
  { repository }: InitOptions,
  remote: RemoteRepository | undefined,
  asks: boolean,
): Promise<string | undefined> {
  if (repository !== undefined || remote === undefined || remote.host === GITHUB) return undefined;
  const { host } = remote;
  if (!asks) {
    throw new CrcError(`The git remote is on ${host}, not on github.com, so crc cannot know whose tokens to trust.`, {
      hint: `Run crc init on a terminal, which asks for the OIDC issuer of ${host}. Or pass --repository OWNER/NAME: that is a repository on github.com, until you set "oidcProvider": { "url": "${issuerOfHost(host)}" } (the issuer of GitHub Enterprise Server) in crc.config.json.`,
    });
  }
  const { askText } = await import('../ui/ask.ts');
  const issuer = await askText({
    message: `OIDC issuer of ${host} (of GitHub Enterprise Server: ${issuerOfHost(host)})`,
    initial: issuerOfHost(host),
    check: (given) => providerUrl(given),
  });
  return issuer === issuerOfHost(GITHUB) ? undefined : issuer;
}

function hostNotes(
  { repository }: InitOptions,
  remote: RemoteRepository | undefined,
  issuer: string | undefined,
): readonly string[] {
  if (issuer !== undefined) {
    const host = hostOfIssuer(issuer) ?? remote?.host;
    return [
      `note: AWS must be able to read ${issuer}/.well-known/openid-configuration over the internet, with a certificate of a public authority`,
      `note: the workflow is for GitHub Actions on ${host}: its actions must be available there (GitHub Connect), and runs-on must name your runners`,
    ];
  }
  if (repository === undefined || remote === undefined || remote.host === GITHUB) return [];
  return [
    `note: the git remote is on ${remote.host}; the roles trust ${repository} on github.com. For ${remote.host}, set oidcProvider.url to its issuer`,
  ];
}

/** A wrong flag is reported before anyone is asked anything, GitHub and AWS included. */
function checkFlags({ repository, region, account, bucket, function: kind }: InitOptions): void {
  const checks: readonly (readonly [string, string | undefined, Check])[] = [
    ['repository', repository, repositoryCheck],
    ['region', region, regionCheck],
    ['account', account, accountIdCheck],
    ['bucket', bucket, bucketName],
  ];
  for (const [flag, value, check] of checks) {
    const problem = value === undefined ? undefined : check(value);
    if (problem !== undefined) throw new CrcError(`--${flag}: "${value}" ${problem}.`, { hint: HELP });
  }
  if (kind !== undefined && !FUNCTION_KINDS.some((one) => one === kind)) {
    throw new CrcError(`--function: "${kind}" must be one of ${FUNCTION_KINDS.join(', ')}.`, { hint: HELP });
  }
}

const EXAMPLES: Readonly<Record<string, string>> = { '--repository': 'OWNER/NAME', '--region': 'eu-west-2' };

async function kindOf(given: string | undefined, asks: boolean): Promise<FunctionKind> {
  const chosen = FUNCTION_KINDS.find((kind) => kind === given);
  if (chosen !== undefined) return chosen;
  if (!asks) return 'typescript';
  const { askChoice } = await import('../ui/ask.ts');
  const choices = FUNCTION_KINDS.map((value) => ({ value, label: value }));
  return await askChoice({ message: 'Visit counter', choices, initial: 'typescript' });
}

function notesOf({ github, issuer, repository, functionKind }: Answers): readonly string[] {
  return [
    ...(github?.customTemplate
      ? [`note: ${repository} has a custom template for the subjects of its tokens; the roles trust the default form`]
      : []),
    ...(github?.immutableSubject
      ? [`note: tokens of ${repository} have immutable subjects; the roles trust both forms`]
      : []),
    ...(github === undefined && issuer === undefined
      ? [
          `note: without gh, the IDs of ${repository} are not known; if it was created, renamed or transferred after 15 July 2026, add ownerId and repositoryId to "trust"`,
        ]
      : []),
    ...(functionKind === 'none'
      ? []
      : ['note: the counter accepts requests from any site; list yours in url.cors.allowOrigins']),
  ];
}
