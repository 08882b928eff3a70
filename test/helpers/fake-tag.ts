import { ACCOUNT, REGION } from './context.ts';
import type { Handlers } from './fake-aws.ts';
import type { FakeDynamoDb } from './fake-dynamodb.ts';
import type { FakeLambda } from './fake-lambda.ts';
import type { FakeLogs } from './fake-logs.ts';

interface Indexed {
  readonly dynamodb: FakeDynamoDb;
  readonly lambda: FakeLambda;
  readonly logs: FakeLogs;
}

/** A tag index without entries, for tests without unlisted resources. */
export const EMPTY_TAG_INDEX: Handlers = { GetResources: () => ({ ResourceTagMappingList: [] }) };

/**
 * The tag index of the fakes, with pages of one resource. `deleted` contains ARNs of deleted resources that are still
 * indexed.
 */
export function fakeTag({ dynamodb, lambda, logs }: Indexed, deleted: readonly string[] = []): Handlers {
  const arn = (service: string, name: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${name}`;
  return {
    GetResources: ({ TagFilters: [{ Key, Values }], PaginationToken = '' }) => {
      const tagged = [
        ...[...dynamodb.tables].map(
          ([name, { tags }]) =>
            [arn('dynamodb', `table/${name}`), Object.fromEntries(tags.map((tag) => [tag.Key, tag.Value]))] as const,
        ),
        ...[...lambda.functions].map(([name, { tags }]) => [arn('lambda', `function:${name}`), tags] as const),
        ...[...logs.groups].map(([name, { tags }]) => [arn('logs', `log-group:${name}`), tags] as const),
      ];
      const all = [
        ...tagged.flatMap(([resource, tags]) =>
          Values.includes((tags as Record<string, string>)[Key]) ? [resource] : [],
        ),
        ...deleted,
      ];
      const at = Number(PaginationToken);
      return {
        ResourceTagMappingList: all.slice(at, at + 1).map((ResourceARN) => ({ ResourceARN })),
        // AWS marks the last page with an empty token.
        PaginationToken: at + 1 < all.length ? String(at + 1) : '',
      };
    },
  };
}
