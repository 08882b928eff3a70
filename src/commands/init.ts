import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { discoverPlace } from '../aws/discover.ts';
import { loadConfig } from '../config/load.ts';
import { accountId as accountIdCheck, bucketName, type Check, region as regionCheck } from '../config/names.ts';
import { parseConfig } from '../config/parse.ts';
import type { Config } from '../config/schema.ts';
import { repository as repositoryCheck } from '../config/subjects.ts';
import { Cancelled, CrcError } from '../errors.ts';
import { gitHubRepository, repositoryOf } from '../github/repository.ts';
import { type Answers, FUNCTION_KINDS, type FunctionKind, newConfig, proposedBucket } from '../init/answers.ts';
import { counterFiles, type ProjectFile, planFiles, writeFiles } from '../init/files.ts';
import { backendHcl, backendOf, stateKeys } from '../terraform/backend.ts';
import type { Io } from '../ui/io.ts';
import { initDocument } from '../ui/json.ts';
import { createProgress } from '../ui/progress.ts';
import { canAsk } from './consent.ts';
import type { GlobalOptions } from './options.ts';
import { workflowOf } from './workflow.ts';

export interface InitOptions extends GlobalOptions {
  readonly repository?: string;
  readonly account?: string;
  readonly bucket?: string;
  readonly function?: string;
  readonly yes?: boolean;
  readonly force?: boolean;
}

const CONFIG = 'crc.config.json';

/** Writes the config, the function, the backend block and the workflow of a project. Overwrites nothing without --force. */
export async function init(options: InitOptions, io: Io): Promise<number> {
  const asks = canAsk(io, options) && !options.yes;
  const progress = await createProgress(io);
  const there = !options.force && (await exists(join(io.cwd, CONFIG)));
  if (there) progress.line(`${CONFIG} is there already and is kept; what it asks for is completed`);
  const { text, config } = there ? await existing(io.cwd) : await made(options, io, asks, progress.line);

  const files = await planFiles(io.cwd, await filesOf(text, config, io.cwd), options.force ?? false);
  const toWrite = files.filter(({ action }) => action === 'write');
  if (asks && toWrite.length > 0) {
    const { askYes } = await import('../ui/ask.ts');
    io.err(`${toWrite.map(({ path }) => `  ${path}`).join('\n')}\n`);
    if (!(await askYes(`Write these ${toWrite.length} files?`))) throw new Cancelled();
  }
  await writeFiles(io.cwd, files, options.force ?? false);
  io.out(options.json ? `${initDocument(files)}\n` : `${told(files, config)}\n`);
  return 0;
}

async function existing(cwd: string): Promise<{ text: string | undefined; config: Config }> {
  const { config } = await loadConfig({ cwd, file: CONFIG });
  return { text: undefined, config };
}

async function made(
  options: InitOptions,
  io: Io,
  asks: boolean,
  tell: (line: string) => void,
): Promise<{ text: string; config: Config }> {
  const answers = await answer(options, io, asks);
  for (const line of notes(answers)) tell(line);
  const text = `${JSON.stringify(newConfig(answers), null, 2)}\n`;
  return { text, config: parseConfig(text, CONFIG) };
}

/** From the flags, else from what is around, else from the person. Throws a CrcError that names every missing flag. */
async function answer(options: InitOptions, io: Io, asks: boolean): Promise<Answers> {
  checkFlags(options);
  const [remote, place] = await Promise.all([repositoryOf(io.cwd, io.env), discoverPlace({ ...options, env: io.env })]);
  const known = {
    repository: options.repository ?? remote,
    region: options.region ?? place.region,
    accountId: options.account ?? place.accountId,
  };
  const missing: string[] = [];
  const settle = async (flag: string, message: string, value: string | undefined, check: Check, optional = false) => {
    if (asks && !Object.hasOwn(options, flag)) {
      const { askText } = await import('../ui/ask.ts');
      const accept: Check = (given) => (optional && given === '' ? undefined : check(given));
      return await askText({ message, initial: value ?? '', check: (given) => accept(given) });
    }
    const problem = value === undefined ? undefined : check(value);
    if (problem !== undefined)
      throw new CrcError(`--${flag}: "${value}" ${problem}.`, { hint: 'See `crc init --help`.' });
    if (value === undefined && !optional) missing.push(`--${flag}`);
    return value ?? '';
  };
  const repository = await settle('repository', 'GitHub repository (owner/name)', known.repository, repositoryCheck);
  const region = await settle('region', 'AWS region', known.region, regionCheck);
  const account = await settle('account', 'AWS account id (empty: no guard)', known.accountId, accountIdCheck, true);
  if (missing.length > 0) {
    throw new CrcError(`Not known: ${missing.join(', ')}.`, {
      hint: `Write ${missing.map((flag) => `${flag} ${EXAMPLES[flag]}`).join(' ')}; a repository is found from \`git remote\`, a region from AWS_REGION or the profile.`,
    });
  }
  const accountId = account === '' ? undefined : account;
  const proposed = options.bucket ?? proposedBucket(repository, accountId, region);
  const bucket = await settle('bucket', 'Name of the state bucket (taken worldwide)', proposed, bucketName);
  const functionKind = await kindOf(options.function, asks);
  return {
    repository,
    region,
    accountId,
    bucket,
    functionKind,
    github: await gitHubRepository(repository, io.cwd, io.env),
  };
}

/** A flag that is wrong is told of before anybody is asked anything, GitHub and AWS among them. */
function checkFlags({ repository, region, account, bucket, function: kind }: InitOptions): void {
  const checks: readonly (readonly [string, string | undefined, Check])[] = [
    ['repository', repository, repositoryCheck],
    ['region', region, regionCheck],
    ['account', account, accountIdCheck],
    ['bucket', bucket, bucketName],
  ];
  for (const [flag, value, check] of checks) {
    const problem = value === undefined ? undefined : check(value);
    if (problem === undefined) continue;
    throw new CrcError(`--${flag}: "${value}" ${problem}.`, { hint: 'See `crc init --help`.' });
  }
  if (kind !== undefined && !FUNCTION_KINDS.some((one) => one === kind)) {
    throw new CrcError(`--function: "${kind}" is none of ${FUNCTION_KINDS.join(', ')}.`, {
      hint: 'See `crc init --help`.',
    });
  }
}

const EXAMPLES: Readonly<Record<string, string>> = { '--repository': 'OWNER/NAME', '--region': 'eu-west-2' };

async function kindOf(given: string | undefined, asks: boolean): Promise<FunctionKind> {
  const chosen = FUNCTION_KINDS.find((one) => one === given);
  if (chosen !== undefined) return chosen;
  if (!asks) return 'typescript';
  const { askChoice } = await import('../ui/ask.ts');
  return await askChoice('Visit counter', FUNCTION_KINDS, 'typescript');
}

function notes({ github, repository, functionKind }: Answers): readonly string[] {
  return [
    ...(github?.customTemplate
      ? [`note: ${repository} has a template of its own for the subjects of its tokens; the roles trust the usual form`]
      : []),
    ...(github?.immutableSubject
      ? [`note: tokens of ${repository} have immutable subjects; the roles trust both forms`]
      : []),
    ...(github === undefined
      ? [
          `note: without gh the ids of ${repository} are not known; if it was made, renamed or transferred after 15 July 2026, add ownerId and repositoryId to "trust"`,
        ]
      : []),
    ...(functionKind === 'none'
      ? []
      : ['note: the counter takes calls from any site; name yours in url.cors.allowOrigins']),
  ];
}

/** Everything that follows from the config; the config itself when it is new. */
async function filesOf(
  text: string | undefined,
  config: Config,
  cwd: string,
): Promise<readonly Pick<ProjectFile, 'path' | 'content'>[]> {
  const counters = config.functions.filter(({ handler, runtime }) =>
    runtime.startsWith('python') ? handler === 'IncrementVisits.lambda_handler' : handler === 'index.handler',
  );
  const files = [
    ...(text === undefined ? [] : [{ path: CONFIG, content: text }]),
    ...(await Promise.all(counters.map(counterFiles))).flat(),
    ...backendFile(config),
  ];
  const yaml = await workflowOf(config, join(cwd, CONFIG), { pending: files });
  return [...files, { path: '.github/workflows/infrastructure.yml', content: yaml }];
}

/** Terraform code of one state; with several nobody knows which is where. */
function backendFile(config: Config): readonly Pick<ProjectFile, 'path' | 'content'>[] {
  const keys = stateKeys(config);
  const [key] = keys;
  return key === undefined || keys.length > 1
    ? []
    : [{ path: 'backend.tf', content: `${backendHcl(backendOf(config, key, undefined))}\n` }];
}

function told(files: readonly ProjectFile[], config: Config): string {
  const words = { write: 'written', keep: 'kept (it differs; --force overwrites it)', same: 'as it should be' };
  const lines = files.map(({ path, action }) => `${path}  ${words[action]}`);
  const functions = config.functions.length === 0 ? '' : '; it deploys the function as well';
  return [
    ...lines,
    '',
    'Next:',
    '  crc bootstrap --dry-run   what will be made in the account',
    `  crc bootstrap             make it${functions}`,
    '  git add . && git commit   then push: the workflow logs in without keys',
  ].join('\n');
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
