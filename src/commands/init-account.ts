import { listBuckets, listTables, regionOfBucket } from '../aws/account-survey.ts';
import { bucketArn } from '../aws/arns.ts';
import { explain } from '../aws/explain.ts';
import { bucketName, tableName } from '../config/names.ts';
import { parseConfig } from '../config/parse.ts';
import { plan } from '../engine/plan.ts';
import { CrcError } from '../errors.ts';
import { accountConfig, type FoundAccount } from '../init/account/config.ts';
import { statesInConfig } from '../init/survey/proposal.ts';
import { resourcesOf } from '../resources/index.ts';
import type { Looking } from '../resources/survey.ts';
import { wantedTags } from '../resources/tags.ts';
import { stateKeys } from '../terraform/backend.ts';
import { type AccountConnection, connectWithoutConfig } from './connection.ts';
import { readBucketOf, readFunctionsOf, readRolesOf, readTableOf, tablesForLocks } from './init-account-read.ts';
import { answersOf, type Surroundings } from './init-answers.ts';
import { freshConfig, type NewInput, type NewProject, surroundingsOf } from './init-new.ts';
import type { Interruption } from './interruption.ts';
import { withPermissions } from './missing-permissions.ts';
import { explained } from './views.ts';

/** The parts of a config that come from an account. */
export interface AccountInput extends NewInput {
  readonly interruption: Interruption;
}

interface Input extends AccountInput {
  readonly surroundings: Surroundings;
}

/**
 * The config for the resources in an account. Only reads. @throws CrcError if the account cannot be read or is not the
 * requested one, and if there are several candidates and no prompt is possible.
 */
export async function accountProject(input: AccountInput): Promise<NewProject> {
  const { options, io, survey, interruption } = input;
  const surroundings = await surroundingsOf(options, io, survey);
  const { suggestions } = surroundings;
  const named = options.region ?? suggestions.region ?? suggestions.bucketRegion;
  const region = named || io.env.AWS_REGION || io.env.AWS_DEFAULT_REGION;
  const connection = await connectWithoutConfig({ command: 'init', options, io, interruption }, region);
  try {
    return await readProject({ ...input, surroundings }, connection);
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    throw withPermissions(explain(error, undefined, options.profile), 'init');
  } finally {
    connection.progress.end();
  }
}

async function readProject(input: Input, connection: AccountConnection): Promise<NewProject> {
  const { options, survey, surroundings, show } = input;
  const accountId = await connection.identity();
  checkAccount(options.account, accountId);
  await connection.clients.load('s3', 'iam', 'dynamodb');
  const bucket = await bucketOf(input, connection, accountId);
  const bucketRegion = await regionOfBucket(connection.clients, bucket, accountId);
  // By default, the whole project is in the region of its states.
  const region = options.region ?? surroundings.suggestions.region ?? bucketRegion;
  const inRegion = async (name: string): Promise<Looking> => {
    const clients = connection.clients.inRegion(name);
    await clients.load('s3', 'iam', 'dynamodb');
    return { clients, place: { accountId, region: name }, signal: connection.signal };
  };
  const at = await inRegion(bucketRegion);
  const inProject = await inRegion(region);
  const answers = await paused(connection, () =>
    answersOf({
      ...input,
      signal: connection.signal,
      options: { ...options, account: accountId, bucket, region, function: options.function ?? 'none' },
      surroundings: { ...surroundings, suggestions: { ...surroundings.suggestions, lockTable: undefined } },
    }),
  );
  const [foundBucket, lockTable, { roles, provider, leftOut }, functions] = await Promise.all([
    readBucketOf(at, bucket),
    lockTableOf(input, connection, at, bucket),
    readRolesOf(at, answers, bucketArn(at.place, bucket)),
    survey.functions.length === 0 ? { functions: [], notes: [] } : readFunctionsOf(inProject, survey),
  ]);
  const content: FoundAccount = {
    bucket: { ...foundBucket, region: bucketRegion === region ? undefined : bucketRegion },
    lockTable: lockTable === undefined ? undefined : await readTableOf(at, lockTable),
    provider,
    roles,
    functions: functions.functions,
  };
  const { fresh, states: placed } = freshConfig(answers, survey, { moves: false });
  const text = `${JSON.stringify(accountConfig(fresh, content), null, 2)}\n`;
  const config = parseConfig(text, 'crc.config.json, as it would be written,');
  // Existing roles already have their permissions, which show what they can write.
  const states = roles.length === 0 ? placed : statesInConfig(survey, { bucket, keys: stateKeys(config) });
  const context = { ...inProject, tags: wantedTags(config) };
  const resources = await resourcesOf(config, context, { root: input.io.cwd });
  const findings = explained(
    await plan(resources, { adopt: true, prune: false }, connection.progress.report, connection.signal),
  );
  const unread = findings.find(({ error }) => error !== undefined);
  if (unread?.error !== undefined) throw unread.error;
  for (const note of functions.notes) show(`note: ${note}`);
  return {
    text,
    config,
    states,
    account: { accountId, region: bucketRegion, projectRegion: region, ...content, leftOut, findings },
  };
}

function checkAccount(wanted: string | undefined, actual: string): void {
  if (wanted === undefined || wanted === actual) return;
  throw new CrcError(`These credentials are for account ${actual}, but --account is ${wanted}.`, {
    hint: `Choose a profile of ${wanted} with --profile.`,
  });
}

/** Usual names of Terraform state buckets. */
const LIKE_A_STATE = /tf-?states?|terraform|opentofu|(^|[.-])states?([.-]|$)/i;

async function bucketOf(input: Input, connection: AccountConnection, accountId: string): Promise<string> {
  const { options, surroundings } = input;
  const named = options.bucket ?? surroundings.suggestions.bucket;
  if (named !== undefined) return named;
  const all = (await listBuckets(connection.clients)).filter((name) => bucketName(name) === undefined);
  const candidates = all.filter((name) => LIKE_A_STATE.test(name));
  if (candidates.length === 0) {
    throw new CrcError(`No bucket in account ${accountId} looks like one for Terraform states.`, {
      hint: 'Pass --bucket NAME. If there is none yet, `crc init` without --from-account writes a config that creates it.',
    });
  }
  return await oneOf(input, connection, {
    candidates,
    message: 'The bucket that holds the Terraform states',
    several: `Account ${accountId} has several buckets that may hold Terraform states`,
    flag: '--bucket',
  });
}

/** From the code, or without code the only table that qualifies. */
async function lockTableOf(
  input: Input,
  connection: AccountConnection,
  at: Looking,
  bucket: string,
): Promise<{ readonly name: string; readonly lockFile: boolean } | undefined> {
  const { options, survey, surroundings } = input;
  const { suggestions } = surroundings;
  const inCode = suggestions.bucket === bucket ? suggestions.lockTable : undefined;
  const lockFile = inCode?.lockFile ?? false;
  if (options.lockTable === 'none') return undefined;
  if (options.lockTable !== undefined) return { name: options.lockTable, lockFile };
  const isSaid = survey.terraform.some(({ backends }) =>
    backends.some(({ arguments: { bucket: own } }) => own === bucket),
  );
  if (isSaid) return inCode;
  const names = (await listTables(at.clients)).filter((name) => tableName(name) === undefined);
  const candidates = await tablesForLocks(at, names);
  if (candidates.length === 0) return undefined;
  const name = await oneOf(input, connection, {
    candidates,
    message: 'The table with the locks of Terraform states',
    several: 'Several tables may hold the locks of Terraform states',
    flag: '--lock-table',
  });
  return { name, lockFile };
}

interface Choice {
  readonly candidates: readonly string[];
  readonly message: string;
  readonly several: string;
  readonly flag: string;
}

/** The only candidate, or the one that the user chooses. */
async function oneOf(
  { asks }: Input,
  connection: AccountConnection,
  { candidates, message, several, flag }: Choice,
): Promise<string> {
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return only;
  if (!asks) {
    throw new CrcError(`${several}: ${candidates.join(', ')}.`, { hint: `Choose one with ${flag}.` });
  }
  const { askFromList } = await import('../ui/ask.ts');
  const choices = candidates.map((value) => ({ value, label: value }));
  return await paused(connection, () => askFromList({ message, choices, signal: connection.signal }));
}

/** Waits for an answer: no spinner is shown, and a signal takes effect immediately. */
async function paused<T>({ asking, progress }: AccountConnection, ask: () => Promise<T>): Promise<T> {
  return await asking(() => progress.pause(ask));
}
