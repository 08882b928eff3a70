import { GetResourcesCommand } from '@aws-sdk/client-resource-groups-tagging-api';
import type { Clients } from './clients.ts';
import { pagesOf, tokenOf } from './pages.ts';

/**
 * ARNs of what has this tag in the region, of all services that the tagging API knows: not of IAM's roles. It follows with a delay:
 * it may still show what was just deleted, and lack what was just created.
 */
export async function taggedArns(
  { tag }: Pick<Clients, 'tag'>,
  { key, value }: { readonly key: string; readonly value: string },
): Promise<readonly string[]> {
  const TagFilters = [{ Key: key, Values: [value] }];
  const arns: string[] = [];
  const pages = pagesOf(
    (PaginationToken?: string) => tag.send(new GetResourcesCommand({ TagFilters, PaginationToken })),
    ({ PaginationToken }) => tokenOf(PaginationToken),
  );
  for await (const { ResourceTagMappingList = [] } of pages) {
    arns.push(...ResourceTagMappingList.flatMap(({ ResourceARN }) => ResourceARN ?? []));
  }
  return arns;
}
