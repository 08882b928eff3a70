import {
  GetAccountAuthorizationDetailsCommand,
  GetOpenIDConnectProviderCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  ListOpenIDConnectProvidersCommand,
  type RoleDetail,
} from '@aws-sdk/client-iam';
import type { Clients } from './clients.ts';
import { NO_SUCH_ENTITY, orAbsent } from './error-names.ts';
import { ifTruncated, pagesOf } from './pages.ts';

/**
 * The page size. AWS allows up to 1,000 roles, each with its policies and instance profiles, which takes long to send
 * and much memory to parse.
 */
const PAGE = 200;

/** A role of the account with its policies. */
export interface AccountRole {
  readonly name: string;
  readonly arn: string;
  /** As IAM stores it, decoded. */
  readonly trust: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly inlinePolicies: readonly { readonly name: string; readonly document: string }[];
  /** ARNs of managed policies. */
  readonly attachedPolicies: readonly string[];
  readonly permissionsBoundary: string | undefined;
}

/**
 * The roles of the account that `keep` selects by their trust policies. One paged call returns roles, trust policies,
 * tags and inline policies. ListRoles lacks the last two and would require four more calls for each selected role.
 */
export async function readAccountRoles(
  { iam }: Pick<Clients, 'iam'>,
  keep: (trust: string) => boolean,
  listed: (roles: number) => void,
): Promise<readonly AccountRole[]> {
  const kept: AccountRole[] = [];
  let count = 0;
  const pages = pagesOf(
    (Marker: string | undefined) =>
      iam.send(new GetAccountAuthorizationDetailsCommand({ Filter: ['Role'], MaxItems: PAGE, Marker })),
    ({ IsTruncated, Marker }) => ifTruncated(IsTruncated, Marker),
  );
  for await (const { RoleDetailList = [] } of pages) {
    for (const detail of RoleDetailList) {
      const trust = decodeURIComponent(detail.AssumeRolePolicyDocument ?? '%7B%7D');
      if (keep(trust)) kept.push(roleOf(detail, trust));
    }
    count += RoleDetailList.length;
    listed(count);
  }
  return kept;
}

function roleOf(detail: RoleDetail, trust: string): AccountRole {
  const { RoleName = '', Arn = '', Tags = [], RolePolicyList = [], AttachedManagedPolicies = [] } = detail;
  return {
    name: RoleName,
    arn: Arn,
    trust,
    tags: Object.fromEntries(Tags.flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']]))),
    inlinePolicies: RolePolicyList.map(({ PolicyName = '', PolicyDocument = '%7B%7D' }) => ({
      name: PolicyName,
      document: decodeURIComponent(PolicyDocument),
    })),
    attachedPolicies: AttachedManagedPolicies.flatMap(({ PolicyArn }) => PolicyArn ?? []),
    permissionsBoundary: detail.PermissionsBoundary?.PermissionsBoundaryArn,
  };
}

/** ARNs of the account's identity providers. */
export async function listProviders({ iam }: Pick<Clients, 'iam'>): Promise<readonly string[]> {
  const { OpenIDConnectProviderList = [] } = await iam.send(new ListOpenIDConnectProvidersCommand({}));
  return OpenIDConnectProviderList.flatMap(({ Arn }) => Arn ?? []);
}

export interface AccountProvider {
  readonly arn: string;
  readonly audiences: readonly string[];
  readonly thumbprints: readonly string[];
}

/** An identity provider; undefined when it was deleted since it was listed. */
export async function readAccountProvider(
  { iam }: Pick<Clients, 'iam'>,
  arn: string,
): Promise<AccountProvider | undefined> {
  const call = new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn });
  const live = await orAbsent(iam.send(call), NO_SUCH_ENTITY, undefined);
  if (live === undefined) return undefined;
  return { arn, audiences: live.ClientIDList ?? [], thumbprints: live.ThumbprintList ?? [] };
}

/** The default version of a managed policy; undefined when the policy no longer exists. */
export async function readManagedPolicy({ iam }: Pick<Clients, 'iam'>, arn: string): Promise<string | undefined> {
  const policy = await orAbsent(iam.send(new GetPolicyCommand({ PolicyArn: arn })), NO_SUCH_ENTITY, undefined);
  const VersionId = policy?.Policy?.DefaultVersionId;
  if (VersionId === undefined) return undefined;
  const call = new GetPolicyVersionCommand({ PolicyArn: arn, VersionId });
  const version = await orAbsent(iam.send(call), NO_SUCH_ENTITY, undefined);
  return version === undefined ? undefined : decodeURIComponent(version.PolicyVersion?.Document ?? '%7B%7D');
}
