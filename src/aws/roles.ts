import { ListRolesCommand, type Role } from '@aws-sdk/client-iam';
import type { Clients } from './clients.ts';
import { ifTruncated, pagesOf } from './pages.ts';

/** AWS's maximum; it gives 100 when it is not asked: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html */
const MAX_ROLES_PER_PAGE = 1_000;

/** All roles of the account, page by page. They come without tags and permissions boundary, and with their trust policy URL-encoded. */
export async function* rolesInAccount({ iam }: Pick<Clients, 'iam'>): AsyncGenerator<Role, void, undefined> {
  const pages = pagesOf(
    (Marker?: string) => iam.send(new ListRolesCommand({ Marker, MaxItems: MAX_ROLES_PER_PAGE })),
    ({ IsTruncated, Marker }) => ifTruncated(IsTruncated, Marker),
  );
  for await (const { Roles = [] } of pages) yield* Roles;
}
