import { awsError, type Handlers } from './fake-aws.ts';
import { merge } from './fake-dynamodb.ts';

type SdkTags = { Key: string; Value: string }[];

export interface FakeProvider {
  url: string;
  clientIds: string[];
  thumbprints: string[];
  tags: SdkTags;
}

export interface FakeRole {
  trust: string;
  path?: string;
  description?: string;
  maxSession?: number;
  boundary?: string;
  tags: SdkTags;
  inline: Map<string, string>;
  attached: string[];
  /** The region of RoleLastUsed. */
  lastUsedIn?: string;
}

export interface FakeIam {
  readonly providers: Map<string, FakeProvider>;
  readonly roles: Map<string, FakeRole>;
  /** Documents of managed policies by ARN. Missing ones are empty. */
  readonly policies: Map<string, object>;
  readonly handlers: Handlers;
}

const noSuchEntity = () => awsError('NoSuchEntityException', 404, { Code: 'NoSuchEntity' });
const alreadyExists = () => awsError('EntityAlreadyExistsException', 409, { Code: 'EntityAlreadyExists' });

/** In characters, of all inline policies of a role together. */
const MAX_INLINE = 10_240;
/** The number of managed policies of a role. */
const MAX_ATTACHED = 10;

/** A fake of the IAM operations that crc uses. Like IAM, it URL-encodes documents and paginates lists. */
export function fakeIam(account: string): FakeIam {
  const providers = new Map<string, FakeProvider>();
  const roles = new Map<string, FakeRole>();
  const policies = new Map<string, object>();
  const provider = (arn: string): FakeProvider => {
    const provider = providers.get(arn);
    if (provider === undefined) throw noSuchEntity();
    return provider;
  };
  const role = (name: string): FakeRole => {
    const existing = roles.get(name);
    if (existing === undefined) throw noSuchEntity();
    return existing;
  };
  const page = <T>(items: readonly T[], marker: string | undefined, key: string) => {
    const index = Number(marker ?? 0);
    const more = index + 1 < items.length;
    return { [key]: items.slice(index, index + 1), IsTruncated: more, Marker: more ? String(index + 1) : undefined };
  };

  const handlers: Handlers = {
    GetOpenIDConnectProvider: ({ OpenIDConnectProviderArn }) => {
      const { url, clientIds, thumbprints, tags } = provider(OpenIDConnectProviderArn);
      return { Url: url.replace('https://', ''), ClientIDList: clientIds, ThumbprintList: thumbprints, Tags: tags };
    },
    DeleteOpenIDConnectProvider: ({ OpenIDConnectProviderArn }) => {
      providers.delete(OpenIDConnectProviderArn);
      return {};
    },
    CreateOpenIDConnectProvider: ({ Url, ClientIDList, ThumbprintList, Tags }) => {
      const arn = `arn:aws:iam::${account}:oidc-provider/${Url.replace('https://', '')}`;
      if (providers.has(arn)) throw alreadyExists();
      providers.set(arn, {
        url: Url,
        clientIds: ClientIDList,
        thumbprints: ThumbprintList ?? ['f'.repeat(40)],
        tags: Tags,
      });
      return { OpenIDConnectProviderArn: arn };
    },
    AddClientIDToOpenIDConnectProvider: ({ OpenIDConnectProviderArn, ClientID }) => {
      provider(OpenIDConnectProviderArn).clientIds.push(ClientID);
      return {};
    },
    UpdateOpenIDConnectProviderThumbprint: ({ OpenIDConnectProviderArn, ThumbprintList }) => {
      if (ThumbprintList.length > 5) throw awsError('LimitExceededException', 409);
      provider(OpenIDConnectProviderArn).thumbprints = ThumbprintList;
      return {};
    },

    ListRoles: ({ Marker }) => {
      // ListRoles never returns tags.
      const all = [...roles].map(([RoleName, { trust, description, path = '/' }]) => ({
        RoleName,
        Path: path,
        Description: description,
        AssumeRolePolicyDocument: encodeURIComponent(trust),
      }));
      return page(all, Marker, 'Roles');
    },
    GetRole: ({ RoleName }) => {
      const { trust, path = '/', description, maxSession, boundary, tags, lastUsedIn } = role(RoleName);
      return {
        Role: {
          RoleName,
          Path: path,
          Arn: `arn:aws:iam::${account}:role${path}${RoleName}`,
          AssumeRolePolicyDocument: encodeURIComponent(trust),
          Description: description,
          MaxSessionDuration: maxSession,
          Tags: tags,
          // Without a region if it was not used in the last 400 days.
          RoleLastUsed: lastUsedIn === undefined ? {} : { LastUsedDate: new Date(), Region: lastUsedIn },
          PermissionsBoundary: boundary === undefined ? undefined : { PermissionsBoundaryArn: boundary },
        },
      };
    },
    GetRolePolicy: ({ RoleName, PolicyName }) => {
      const document = role(RoleName).inline.get(PolicyName);
      if (document === undefined) throw noSuchEntity();
      return { RoleName, PolicyName, PolicyDocument: encodeURIComponent(document) };
    },
    ListRolePolicies: ({ RoleName, Marker }) => page([...role(RoleName).inline.keys()], Marker, 'PolicyNames'),
    ListAttachedRolePolicies: ({ RoleName, Marker }) =>
      page(
        role(RoleName).attached.map((PolicyArn) => ({ PolicyArn, PolicyName: PolicyArn.split('/').at(-1) })),
        Marker,
        'AttachedPolicies',
      ),
    CreateRole: (input) => {
      if (roles.has(input.RoleName)) throw alreadyExists();
      roles.set(input.RoleName, {
        trust: input.AssumeRolePolicyDocument,
        path: input.Path,
        description: input.Description,
        maxSession: input.MaxSessionDuration ?? 3600,
        boundary: input.PermissionsBoundary,
        tags: input.Tags ?? [],
        inline: new Map(),
        attached: [],
      });
      return {};
    },
    UpdateAssumeRolePolicy: ({ RoleName, PolicyDocument }) => {
      role(RoleName).trust = PolicyDocument;
      return {};
    },
    // Like IAM, resets properties that are omitted.
    UpdateRole: ({ RoleName, Description, MaxSessionDuration }) => {
      Object.assign(role(RoleName), { description: Description, maxSession: MaxSessionDuration ?? 3600 });
      return {};
    },
    PutRolePolicy: ({ RoleName, PolicyName, PolicyDocument }) => {
      const { inline } = role(RoleName);
      const length = [...new Map(inline).set(PolicyName, PolicyDocument).values()].join('').length;
      if (length > MAX_INLINE) throw awsError('LimitExceededException', 409, { Code: 'LimitExceeded' });
      inline.set(PolicyName, PolicyDocument);
      return {};
    },
    DeleteRolePolicy: ({ RoleName, PolicyName }) => {
      if (!role(RoleName).inline.delete(PolicyName)) throw noSuchEntity();
      return {};
    },
    GetPolicy: ({ PolicyArn }) => ({ Policy: { Arn: PolicyArn, DefaultVersionId: 'v1' } }),
    GetPolicyVersion: ({ PolicyArn }) => ({
      PolicyVersion: {
        Document: encodeURIComponent(
          JSON.stringify(policies.get(PolicyArn) ?? { Version: '2012-10-17', Statement: [] }),
        ),
      },
    }),
    AttachRolePolicy: ({ RoleName, PolicyArn }) => {
      const { attached } = role(RoleName);
      if (attached.length === MAX_ATTACHED) throw awsError('LimitExceededException', 409, { Code: 'LimitExceeded' });
      attached.push(PolicyArn);
      return {};
    },
    DeleteRole: ({ RoleName }) => {
      const existing = role(RoleName);
      if (existing.inline.size > 0 || existing.attached.length > 0) throw awsError('DeleteConflictException', 409);
      roles.delete(RoleName);
      return {};
    },
    DetachRolePolicy: ({ RoleName, PolicyArn }) => {
      const existing = role(RoleName);
      if (!existing.attached.includes(PolicyArn)) throw noSuchEntity();
      existing.attached = existing.attached.filter((arn) => arn !== PolicyArn);
      return {};
    },
    PutRolePermissionsBoundary: ({ RoleName, PermissionsBoundary }) => {
      role(RoleName).boundary = PermissionsBoundary;
      return {};
    },
    TagRole: ({ RoleName, Tags }) => {
      const existing = role(RoleName);
      existing.tags = merge(existing.tags, Tags);
      return {};
    },
  };
  return { providers, roles, policies, handlers };
}
