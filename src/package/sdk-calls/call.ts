import { byCodeUnits } from '../package-file.ts';

/** A text of the source, as far as it is known before the function runs. */
export type SourceText =
  | { readonly value: string }
  /** An environment variable, and what stands in for it where it is not set. */
  | { readonly variable: string; readonly otherwise?: string | undefined };

/** What is called: one operation of an AWS service. */
export interface Operation {
  /** As the SDK calls the service: `dynamodb`, `secrets-manager`, `stepfunctions`. */
  readonly service: string;
  /** `UpdateItem`, in the spelling of AWS but for the case of abbreviations. */
  readonly name: string;
}

/** One call of an AWS SDK in the source of a function. */
export interface SdkCall extends Operation {
  /** As the source has it: `UpdateCommand`, `update_item`. */
  readonly text: string;
  /** From the source folder. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** Parameters whose texts are known, by their names in the API: `TableName`. */
  readonly parameters: Readonly<Record<string, SourceText>>;
  /** What the items of a transaction do, where all of them are in the call: `Put`, `Update`. */
  readonly parts: readonly string[] | undefined;
}

/** `update_item` and `updateItem`: `UpdateItem`. */
export function operationName(method: string): string {
  return method.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Operations that waiters call, by what they wait for (the `waiters-2.json` of botocore's services). */
const WAITERS: Readonly<Record<string, string>> = {
  BucketExists: 'HeadBucket',
  BucketNotExists: 'HeadBucket',
  ObjectExists: 'HeadObject',
  ObjectNotExists: 'HeadObject',
  TableExists: 'DescribeTable',
  TableNotExists: 'DescribeTable',
};

/** What a waiter calls, if crc knows it: `TableExists`, `table_exists`. */
export function waiterOperation(waiter: string): string | undefined {
  return WAITERS[operationName(waiter)];
}

/** Each call once, since a client may come from several places, in the order of the source. */
export function inOrder(calls: readonly SdkCall[]): readonly SdkCall[] {
  const unique = [...new Map(calls.map((call) => [JSON.stringify(call), call])).values()];
  return unique.sort((a, b) => (a.path === b.path ? a.line - b.line : byCodeUnits(a.path, b.path)));
}
