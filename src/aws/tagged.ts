import { GetResourcesCommand } from '@aws-sdk/client-resource-groups-tagging-api';
import type { Clients } from './clients.ts';
import { itemsOf, pagesOf, tokenOf } from './pages.ts';

/**
 * ARNs of the resources with this tag in the region, for all services that the tagging API supports; IAM roles are not
 * among them. AWS updates its tag index with a delay, so deleted resources may still be included and new ones may be
 * missing.
 */
export async function taggedArns(
  { tag }: Pick<Clients, 'tag'>,
  { key, value }: { readonly key: string; readonly value: string },
): Promise<readonly string[]> {
  const TagFilters = [{ Key: key, Values: [value] }];
  const pages = pagesOf(
    (PaginationToken?: string) => tag.send(new GetResourcesCommand({ TagFilters, PaginationToken })),
    ({ PaginationToken }) => tokenOf(PaginationToken),
  );
  const resources = await itemsOf(pages, ({ ResourceTagMappingList }) => ResourceTagMappingList);
  return resources.flatMap(({ ResourceARN }) => ResourceARN ?? []);
}
