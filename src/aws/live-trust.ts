import {
  GetOpenIDConnectProviderCommand,
  GetRoleCommand,
  ListOpenIDConnectProvidersCommand,
} from '@aws-sdk/client-iam';
import type { Clients } from './clients.ts';
import { NO_SUCH_ENTITY, orAbsent } from './error-names.ts';

/** The audiences that an identity provider accepts; if it does not exist, the ARNs of the existing ones. */
export async function readProvider(
  { iam }: Pick<Clients, 'iam'>,
  arn: string,
): Promise<{ readonly audiences: readonly string[] | undefined; readonly otherProviders: readonly string[] }> {
  const call = new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn });
  const live = await orAbsent(iam.send(call), NO_SUCH_ENTITY, undefined);
  if (live !== undefined) return { audiences: live.ClientIDList ?? [], otherProviders: [] };
  const { OpenIDConnectProviderList = [] } = await iam.send(new ListOpenIDConnectProvidersCommand({}));
  return { audiences: undefined, otherProviders: OpenIDConnectProviderList.flatMap(({ Arn }) => Arn ?? []) };
}

export interface TrustOfRole {
  /** From IAM, with the role's path; undefined if the answer lacks it. */
  readonly arn: string | undefined;
  /** As IAM stores it, decoded. */
  readonly trust: string;
  readonly maxSessionSeconds: number;
  readonly permissionsBoundary: string | undefined;
  readonly tags: readonly { readonly Key: string | undefined; readonly Value: string | undefined }[];
}

/** Who may assume a role; undefined when the role does not exist. */
export async function readTrust({ iam }: Pick<Clients, 'iam'>, name: string): Promise<TrustOfRole | undefined> {
  const answer = await orAbsent(iam.send(new GetRoleCommand({ RoleName: name })), NO_SUCH_ENTITY, undefined);
  const live = answer?.Role;
  if (live === undefined) return undefined;
  return {
    arn: live.Arn,
    trust: decodeURIComponent(live.AssumeRolePolicyDocument ?? '%7B%7D'),
    maxSessionSeconds: live.MaxSessionDuration ?? 3_600,
    permissionsBoundary: live.PermissionsBoundary?.PermissionsBoundaryArn,
    tags: live.Tags ?? [],
  };
}
