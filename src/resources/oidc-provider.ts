import {
  AddClientIDToOpenIDConnectProviderCommand,
  CreateOpenIDConnectProviderCommand,
  DeleteOpenIDConnectProviderCommand,
  GetOpenIDConnectProviderCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from '@aws-sdk/client-iam';
import { grant } from '../aws/actions.ts';
import { providerArn } from '../aws/arns.ts';
import type { Clients } from '../aws/clients.ts';
import { ALREADY_EXISTS, isNamed, NO_SUCH_ENTITY, orAbsent } from '../aws/error-names.ts';
import { retryWhile } from '../aws/retry.ts';
import { rolesInAccount } from '../aws/roles.ts';
import { type Resource, resource } from '../engine/resource.ts';
import { ignoreChanges, type TerraformExport } from '../engine/terraform.ts';
import type { Actions, Foreign, Spec } from '../engine/types.ts';
import { admitsProvider } from '../trust/evaluate.ts';
import type { Context } from './context.ts';
import { parsedTrust } from './role/document.ts';
import { fromTagList, ownershipOf, toTagList } from './tags.ts';

export interface OidcProviderInput {
  readonly url: string;
  readonly audiences: readonly string[];
  readonly thumbprints: readonly string[];
  /** The config's own roles, which are removed before it. */
  readonly ownRoles: readonly string[];
  /** Ids of resources that are removed before the provider. */
  readonly removedAfter: readonly string[];
}

type OidcProviderFacts = {
  readonly audiences: readonly string[];
  readonly thumbprints: readonly string[];
};

interface Details {
  readonly thumbprints: readonly string[];
  /** The owner, if this project did not create it. */
  readonly foreign: Foreign | undefined;
}

const ISSUER_UNREACHABLE = ['OpenIdIdpCommunicationErrorException', 'OpenIdIdpCommunicationError'];

/** In milliseconds, for IAM to reach the issuer. */
const ISSUER_DEADLINE = 20_000;

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html */
const MAX_THUMBPRINTS = 5;

/**
 * GitHub's identity provider. An account has one per URL, and all roles depend on it: crc only adds to it, and it needs
 * no adoption. Its tags are set at creation and never compared, since they only record who may remove it.
 */
export function oidcProvider(input: OidcProviderInput, { clients, place, tags, signal }: Context): Resource {
  const { iam } = clients;
  const arn = providerArn(place, input.url);
  const OpenIDConnectProviderArn = arn;
  const audiences = [...input.audiences].sort();
  const thumbprints = input.thumbprints.map((thumbprint) => thumbprint.toLowerCase()).sort();

  const spec: Spec<OidcProviderFacts, Details> = {
    id: 'oidc-provider',
    type: 'AWS::IAM::OIDCProvider',
    name: input.url,
    removedAfter: input.removedAfter,
    want: { audiences, thumbprints },
    brief: { audiences: (all) => `for ${all.join(', ')}`, thumbprints: () => undefined },
    async read() {
      const live = await orAbsent(
        iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn })),
        NO_SUCH_ENTITY,
        undefined,
      );
      if (live === undefined) return undefined;
      const liveTags = fromTagList(live.Tags);
      const liveThumbprints = (live.ThumbprintList ?? []).map((thumbprint) => thumbprint.toLowerCase());
      const full = liveThumbprints.length >= MAX_THUMBPRINTS;
      const missing = thumbprints.filter((thumbprint) => !liveThumbprints.includes(thumbprint));
      return {
        facts: {
          audiences: audiences.filter((audience) => live.ClientIDList?.includes(audience)),
          thumbprints: full ? thumbprints : thumbprints.filter((thumbprint) => !missing.includes(thumbprint)),
        },
        details: { thumbprints: liveThumbprints, foreign: ownershipOf(liveTags, tags).foreign },
        notes: full && missing.length > 0 ? [fullNote(missing)] : [],
      };
    },
    async create() {
      const call = new CreateOpenIDConnectProviderCommand({
        Url: input.url,
        ClientIDList: audiences,
        // Without thumbprints, IAM retrieves GitHub's certificate itself.
        ...(thumbprints.length === 0 ? {} : { ThumbprintList: thumbprints }),
        Tags: toTagList(tags),
      });
      // Without thumbprints, IAM contacts the issuer for its certificate, which fails occasionally.
      const created = retryWhile(
        (error) => isNamed(error, ISSUER_UNREACHABLE),
        () => iam.send(call),
        {
          deadline: ISSUER_DEADLINE,
          signal,
        },
      );
      await orAbsent(created, ALREADY_EXISTS, undefined);
      return undefined;
    },
    set: {
      audiences: async (want, { facts }) => {
        for (const ClientID of want.filter((audience) => !facts.audiences.includes(audience))) {
          await iam.send(new AddClientIDToOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, ClientID }));
        }
      },
      thumbprints: async (want, { details }) => {
        const ThumbprintList = [...new Set([...details.thumbprints, ...want])].slice(0, MAX_THUMBPRINTS);
        await iam.send(new UpdateOpenIDConnectProviderThumbprintCommand({ OpenIDConnectProviderArn, ThumbprintList }));
      },
    },
    async removal({ details }) {
      const remove = async () => {
        const call = iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
        await orAbsent(call, NO_SUCH_ENTITY, undefined);
      };
      if (details.foreign !== undefined) return { kept: details.foreign.owner, remove };
      const users = (await rolesThatTrust(iam, arn)).filter((name) => !input.ownRoles.includes(name));
      return users.length === 0 ? { remove } : { kept: `used by other roles: ${users.join(', ')}`, remove };
    },
    address: { label: 'oidc provider', path: ['oidcProvider'], value: arn },
    terraform: inTerraform(input, arn),
    actions: actionsOn(arn),
  };
  return resource(spec);
}

function inTerraform({ url, audiences, thumbprints }: OidcProviderInput, arn: string): TerraformExport {
  return {
    name: 'github',
    resources: (label) => [
      {
        type: 'aws_iam_openid_connect_provider',
        label,
        importId: arn,
        arguments: {
          url,
          client_id_list: audiences,
          thumbprint_list:
            thumbprints.length === 0 ? undefined : thumbprints.map((thumbprint) => thumbprint.toLowerCase()),
        },
        // Its tags show which project created it for the whole account, so they are not changed.
        blocks: [ignoreChanges('tags', 'tags_all')],
      },
    ],
  };
}

function actionsOn(arn: string): Actions {
  const writes = [
    'CreateOpenIDConnectProvider',
    'AddClientIDToOpenIDConnectProvider',
    'UpdateOpenIDConnectProviderThumbprint',
  ];
  return {
    read: [grant('iam', ['GetOpenIDConnectProvider'], arn)],
    remove: [grant('iam', ['DeleteOpenIDConnectProvider'], arn), grant('iam', ['ListRoles'], '*')],
    write: [grant('iam', writes, arn)],
  };
}

/** Deleting a provider succeeds even if roles trust it; they only fail the next time they are assumed. */
async function rolesThatTrust(iam: Clients['iam'], providerArn: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { RoleName = '', AssumeRolePolicyDocument = '' } of rolesInAccount({ iam })) {
    if (mayTrust(AssumeRolePolicyDocument, providerArn)) names.push(RoleName);
  }
  return names;
}

/**
 * Whether a role may accept tokens of the provider. True if its policy cannot be parsed, so that the provider is kept.
 */
function mayTrust(encodedDocument: string, arn: string): boolean {
  const trust = parsedTrust(encodedDocument);
  return trust === undefined || admitsProvider(trust, arn);
}

function fullNote(missing: readonly string[]): string {
  return `the provider already has the maximum of ${MAX_THUMBPRINTS} thumbprints, so ${missing.join(', ')} was not added. AWS does not check thumbprints for GitHub, so this has no effect`;
}
