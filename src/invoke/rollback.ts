import {
  type AliasConfiguration,
  type FunctionConfiguration,
  type LambdaClient,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda';
import { ALIAS } from '../aws/arns.ts';
import { orAbsent } from '../aws/error-names.ts';
import { itemsOf, pagesOf, tokenOf } from '../aws/pages.ts';
import type { Foreign } from '../engine/types.ts';
import { CrcError } from '../errors.ts';
import {
  type AliasMove,
  aliasText,
  functionAlias,
  isSplit,
  readAlias,
  servedVersions,
} from '../resources/function/alias.ts';
import { functionCalls } from '../resources/function/calls.ts';
import { NO_SUCH_FUNCTION } from '../resources/function/errors.ts';
import { tagsOf } from '../resources/function/tags.ts';
import { ownershipOf, type Tags } from '../resources/tags.ts';
import { notDeployed } from './not-deployed.ts';

/** Where an alias points, and where a rollback moves it. */
export interface Rollback {
  readonly functionName: string;
  readonly from: AliasConfiguration;
  readonly to: string;
}

/** The function belongs to another owner, so its alias is not moved. */
export interface NotOurs {
  readonly foreign: Foreign;
}

export interface RollbackQuestion {
  readonly functionName: string;
  /** The requested version. */
  readonly version: string | undefined;
  /** This project's tags for its functions. */
  readonly tags: Tags;
  readonly signal: AbortSignal;
}

/**
 * Finds the version to roll back to: the requested one, or the newest before the current one with different code. In a
 * traffic split, the older version gets all traffic again, whatever was published between the two. @throws CrcError if
 * there is none, or if the function's owner is unknown.
 */
export async function planRollback(
  lambda: LambdaClient,
  { functionName, version: requested, tags, signal }: RollbackQuestion,
): Promise<Rollback | NotOurs> {
  const [from, versions, latest] = await Promise.all([
    readAlias(lambda, functionName),
    versionsOf(lambda, functionName),
    functionCalls(functionName, lambda, signal).latest(),
  ]);
  if (latest === undefined) throw notDeployed(functionName);
  const { foreign } = ownershipOf(tagsOf(latest, latest.Configuration?.FunctionArn ?? functionName), tags);
  if (foreign !== undefined) return { foreign };
  if (from?.FunctionVersion === undefined) {
    throw new CrcError(`${functionName} has no alias "${ALIAS}", so it cannot be rolled back.`, {
      hint: `Deploy it first: \`crc deploy-function ${functionName}\`.`,
    });
  }
  const current = from.FunctionVersion;
  const numbers = versions.map(({ Version }) => Version ?? '');
  const [newest = current, older] = servedVersions(from);
  const to = requested ?? older ?? earlierVersion(versions, newest);
  const changes = to !== current || isSplit(from);
  if (to !== undefined && numbers.includes(to) && changes) return { functionName, from, to };

  if (numbers.length === 1 && numbers.includes(current) && requested !== current) {
    throw new CrcError(`${functionName} has only version ${current}, so there is nothing to roll back to.`, {
      hint: `Fix the code and deploy it with \`crc deploy-function ${functionName}\`.`,
    });
  }
  const known =
    numbers.length === 0
      ? 'It has no published versions.'
      : `It has version${numbers.length === 1 ? '' : 's'} ${numbers.join(', ')}; "${ALIAS}" points to ${aliasText(from)}.`;
  if (requested === undefined) {
    throw new CrcError(`${functionName} has no earlier version with different code.`, {
      hint: `${known} To choose a version, run \`crc deploy-function ${functionName} --rollback VERSION\`.`,
    });
  }
  const why = requested === current ? `already serves version ${requested}` : `has no version ${requested}`;
  throw new CrcError(`${functionName} ${why}.`, { hint: known });
}

/**
 * Moves the alias. Its description is kept: it records the last deployment, to which `bootstrap` moves forward again.
 */
export async function rollBack(
  lambda: LambdaClient,
  signal: AbortSignal,
  { functionName, from, to }: Rollback,
): Promise<void> {
  const calls = functionCalls(functionName, lambda, signal);
  await functionAlias(functionName, lambda, calls).move(from, { version: to, description: from.Description ?? '' });
}

/** Restores an alias after a deployment that failed its test. Returns false if it was moved again since. */
export async function restoreAlias(lambda: LambdaClient, signal: AbortSignal, move: AliasMove): Promise<boolean> {
  const calls = functionCalls(move.functionName, lambda, signal);
  return await functionAlias(move.functionName, lambda, calls).undo(move);
}

function earlierVersion(versions: readonly FunctionConfiguration[], current: string): string | undefined {
  const code = versions.find(({ Version }) => Version === current)?.CodeSha256;
  return versions
    .filter(({ Version, CodeSha256 }) => Number(Version) < Number(current) && CodeSha256 !== code)
    .sort((a, b) => Number(b.Version) - Number(a.Version))[0]?.Version;
}

/** All published versions; Lambda returns at most 50 per page. */
async function versionsOf(lambda: LambdaClient, functionName: string): Promise<readonly FunctionConfiguration[]> {
  const pages = pagesOf(
    (Marker?: string) => lambda.send(new ListVersionsByFunctionCommand({ FunctionName: functionName, Marker })),
    ({ NextMarker }) => tokenOf(NextMarker),
  );
  const versions = await orAbsent(
    itemsOf(pages, ({ Versions }) => Versions),
    NO_SUCH_FUNCTION,
    [],
  );
  return versions.filter(({ Version }) => Version !== '$LATEST');
}
