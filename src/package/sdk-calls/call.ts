import { byCodeUnits } from '../package-file.ts';

/** A string in the source, as far as it is known before the function runs. */
export type SourceText =
  | { readonly value: string }
  /** An environment variable, and its default if it is not set. */
  | { readonly variable: string; readonly otherwise?: string | undefined };

/** One operation of an AWS service. */
export interface Operation {
  /** The SDK's name for the service: `dynamodb`, `secrets-manager`, `stepfunctions`. */
  readonly service: string;
  /** `UpdateItem`: AWS's spelling, except for the case of abbreviations. */
  readonly name: string;
}

/** One AWS SDK call in the source of a function. */
export interface SdkCall extends Operation {
  /** As written in the source: `UpdateCommand`, `update_item`. */
  readonly text: string;
  /** Relative to the source folder. */
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  /** Parameters with known string values, by API name: `TableName`. */
  readonly parameters: Readonly<Record<string, SourceText>>;
  /** The kinds of items in a transaction, if all of them are in the call: `Put`, `Update`. */
  readonly parts: readonly string[] | undefined;
}

/** `UpdateItem` for `update_item` and `updateItem`. */
export function operationName(method: string): string {
  return method.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Operations that waiters call, by waiter (from `waiters-2.json` of botocore's services). */
const WAITERS: Readonly<Record<string, string>> = {
  BucketExists: 'HeadBucket',
  BucketNotExists: 'HeadBucket',
  ObjectExists: 'HeadObject',
  ObjectNotExists: 'HeadObject',
  TableExists: 'DescribeTable',
  TableNotExists: 'DescribeTable',
};

/** The operation that a waiter calls, if crc knows it: `TableExists`, `table_exists`. */
export function waiterOperation(waiter: string): string | undefined {
  return WAITERS[operationName(waiter)];
}

/** Without duplicates, since a client may come from several places; in source order. */
export function inOrder(calls: readonly SdkCall[]): readonly SdkCall[] {
  const unique = [...new Map(calls.map((call) => [JSON.stringify(call), call])).values()];
  return unique.sort((a, b) => (a.path === b.path ? a.line - b.line : byCodeUnits(a.path, b.path)));
}
