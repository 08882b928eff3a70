import { isDeepStrictEqual } from 'node:util';
import {
  type AliasConfiguration,
  CreateAliasCommand,
  DeleteAliasCommand,
  GetAliasCommand,
  type LambdaClient,
  UpdateAliasCommand,
} from '@aws-sdk/client-lambda';
import { ALIAS } from '../../aws/arns.ts';
import { isNamed, orAbsent, statusOf } from '../../aws/error-names.ts';
import { CrcError } from '../../errors.ts';
import type { FunctionCalls } from './calls.ts';
import { alreadyExists, NO_SUCH_FUNCTION } from './errors.ts';

/** Where an alias points. */
export interface AliasTarget {
  readonly version: string;
  readonly description: string;
  /** The share of traffic sent to other versions, by version: 0.1 is a tenth. */
  readonly weights?: Readonly<Record<string, number>>;
}

/** An alias before and after crc moved it. */
export interface AliasMove {
  readonly functionName: string;
  /** Undefined if it did not exist. */
  readonly from: AliasTarget | undefined;
  readonly to: string;
}

/** The alias that serves a function. All writes to it are in this interface. */
export interface FunctionAlias {
  /** Undefined if it does not exist. */
  read(): Promise<AliasConfiguration | undefined>;
  /** Creates it. If another process was faster, this is not an error: the next read shows where it points. */
  create(target: AliasTarget): Promise<void>;
  /**
   * Moves all traffic to a version. Reports the move if it happened, even if the response was lost. @throws CrcError if
   * the alias changed since it was read.
   */
  move(before: AliasConfiguration, target: AliasTarget): Promise<void>;
  /** Undoes a move. Returns false without writing if the alias was moved again since. @throws as `move` does. */
  undo(move: AliasMove): Promise<boolean>;
  /** Deletes it if it exists. */
  remove(): Promise<void>;
}

export function functionAlias(
  functionName: string,
  lambda: LambdaClient,
  calls: Pick<FunctionCalls, 'write'>,
  onMoved: (move: AliasMove) => void = () => undefined,
): FunctionAlias {
  const Alias = { FunctionName: functionName, Name: ALIAS };
  const read = () => readAlias(lambda, functionName);

  async function move(before: AliasConfiguration, target: AliasTarget): Promise<void> {
    const call = new UpdateAliasCommand({
      ...Alias,
      FunctionVersion: target.version,
      Description: target.description,
      RevisionId: before.RevisionId,
      // If omitted, the other version would keep its share.
      ...(isSplit(before) || target.weights !== undefined
        ? { RoutingConfig: { AdditionalVersionWeights: { ...target.weights } } }
        : {}),
    });
    try {
      await calls.write(() => lambda.send(call));
    } catch (error) {
      const stale = isNamed(error, ['PreconditionFailedException']);
      if (!stale && !mayHaveWorked(error)) throw error;
      // The response may be lost after the alias was moved. The SDK's retry then fails because the revision has
      // changed.
      const now = await read().catch(() => undefined);
      const moved = now !== undefined && isDeepStrictEqual(targetOf(now), target);
      if (!moved) throw stale ? movedByOthers(functionName, now, error) : error;
    }
    onMoved({ functionName, from: targetOf(before), to: target.version });
  }

  return {
    read,
    move,
    async create({ version, description }) {
      const call = new CreateAliasCommand({ ...Alias, FunctionVersion: version, Description: description });
      try {
        await calls.write(() => lambda.send(call));
      } catch (error) {
        if (!alreadyExists(error)) throw error;
        return;
      }
      onMoved({ functionName, from: undefined, to: version });
    },
    async undo({ from, to }) {
      const now = await read();
      if (from === undefined || now?.FunctionVersion !== to) return false;
      await move(now, from);
      return true;
    },
    async remove() {
      const call = calls.write(() => lambda.send(new DeleteAliasCommand(Alias)));
      await orAbsent(call, NO_SUCH_FUNCTION, undefined);
    },
  };
}

/** Undefined if it does not exist. */
export async function readAlias(lambda: LambdaClient, functionName: string): Promise<AliasConfiguration | undefined> {
  const call = lambda.send(new GetAliasCommand({ FunctionName: functionName, Name: ALIAS }));
  return await orAbsent(call, NO_SUCH_FUNCTION, undefined);
}

/** The versions that it serves, the newest first: two in a traffic split. */
export function servedVersions({ FunctionVersion = '', RoutingConfig }: AliasConfiguration): readonly string[] {
  const versions = [FunctionVersion, ...Object.keys(RoutingConfig?.AdditionalVersionWeights ?? {})];
  return versions.sort((a, b) => Number(b) - Number(a));
}

/** `3`, or `3, 10 % to 4` */
export function aliasText({ FunctionVersion, RoutingConfig }: AliasConfiguration): string {
  const weights = Object.entries(RoutingConfig?.AdditionalVersionWeights ?? {});
  const percent = (share: number) => Number((share * 100).toPrecision(3));
  return [FunctionVersion, ...weights.map(([version, share]) => `${percent(share)} % to ${version}`)].join(', ');
}

/** Whether a second version receives part of the traffic. */
export function isSplit({ RoutingConfig }: AliasConfiguration): boolean {
  return Object.keys(RoutingConfig?.AdditionalVersionWeights ?? {}).length > 0;
}

function targetOf(alias: AliasConfiguration): AliasTarget {
  return {
    version: alias.FunctionVersion ?? '',
    description: alias.Description ?? '',
    ...(isSplit(alias) ? { weights: alias.RoutingConfig?.AdditionalVersionWeights ?? {} } : {}),
  };
}

/** It is unknown whether the call succeeded: there was no response, or only a server error. */
function mayHaveWorked(error: unknown): boolean {
  if (error instanceof Error && error.name === 'AbortError') return false;
  return (statusOf(error) ?? 500) >= 500;
}

function movedByOthers(functionName: string, now: AliasConfiguration | undefined, cause: unknown): CrcError {
  return new CrcError(
    `Another user or process moved the alias "${ALIAS}" of ${functionName} in the meantime, to version ${now?.FunctionVersion ?? 'unknown'}.`,
    { hint: 'Their change was not overwritten. Review it with `crc verify`, then run the command again.', cause },
  );
}
