import { ListRolesCommand, type Role } from '@aws-sdk/client-iam';
import type { Clients } from './clients.ts';
import { ifTruncated, pagesOf } from './pages.ts';

/** The maximum; the default is 100. https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html */
const MAX_ROLES_PER_PAGE = 1_000;

/**
 * All roles of the account, page by page: without tags and permissions boundary, and with URL-encoded trust policies.
 */
export async function* rolesInAccount({ iam }: Pick<Clients, 'iam'>): AsyncGenerator<Role, void, undefined> {
  const pages = pagesOf(
    (Marker?: string) => iam.send(new ListRolesCommand({ Marker, MaxItems: MAX_ROLES_PER_PAGE })),
    ({ IsTruncated, Marker }) => ifTruncated(IsTruncated, Marker),
  );
  for await (const { Roles = [] } of pages) yield* Roles;
}
