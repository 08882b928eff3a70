import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { ACCOUNT } from './context.ts';

export interface FakeRoleDetail {
  readonly name: string;
  readonly trust: object;
  readonly inline: readonly object[];
  readonly attached: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  /** Expected findings of the audit, empty if there is nothing to report. */
  readonly findings: readonly string[];
}

export interface FakeAccount {
  readonly roles: readonly FakeRoleDetail[];
  /** Audiences by issuer. */
  readonly providers: Readonly<Record<string, readonly string[]>>;
  /** Documents of managed policies by ARN. */
  readonly policies: Readonly<Record<string, object>>;
}

/** A local IAM server with the account's roles. Paginates lists and can throttle requests. */
export interface FakeIamServer {
  readonly endpoint: string;
  /** Operations in order, including throttled ones. */
  readonly calls: string[];
  stop(): Promise<void>;
}

/** With `throttleEach: 3`, every third request is throttled. */
export async function startIam(account: FakeAccount, throttleEach = Number.POSITIVE_INFINITY): Promise<FakeIamServer> {
  const calls: string[] = [];
  const server = createServer(async (request, response) => {
    const input = new URLSearchParams(await text(request));
    const action = input.get('Action') ?? '';
    calls.push(action);
    const refused = calls.length % throttleEach === 0;
    const body = refused ? undefined : answerOf(account, action, input);
    response
      .writeHead(refused ? 400 : body === undefined ? 501 : 200, {
        'content-type': 'text/xml',
        'x-amzn-requestid': 'R',
      })
      .end(refused ? THROTTLED : (body ?? ''));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    calls,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const THROTTLED =
  '<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>';

function answerOf(account: FakeAccount, action: string, input: URLSearchParams): string | undefined {
  const result = resultOf(account, action, input);
  if (result === undefined) return undefined;
  const host =
    action === 'GetCallerIdentity'
      ? 'https://sts.amazonaws.com/doc/2011-06-15/'
      : 'https://iam.amazonaws.com/doc/2010-05-08/';
  return `<${action}Response xmlns="${host}"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>R</RequestId></ResponseMetadata></${action}Response>`;
}

function resultOf(account: FakeAccount, action: string, input: URLSearchParams): string | undefined {
  const { roles, providers, policies } = account;
  const prefix = `arn:aws:iam::${ACCOUNT}:`;
  switch (action) {
    case 'GetCallerIdentity':
      return `<Account>${ACCOUNT}</Account><Arn>${prefix}user/me</Arn><UserId>AIDA</UserId>`;
    case 'GetAccountAuthorizationDetails': {
      const from = Number(input.get('Marker') ?? 0);
      const next = from + Number(input.get('MaxItems') ?? 100);
      const page = roles.slice(from, next).map(roleOf);
      const more = next < roles.length;
      return `<RoleDetailList>${page.join('')}</RoleDetailList><IsTruncated>${more}</IsTruncated>${more ? `<Marker>${next}</Marker>` : ''}`;
    }
    case 'ListOpenIDConnectProviders': {
      const arns = Object.keys(providers).map(
        (issuer) => `<member><Arn>${prefix}oidc-provider/${issuer}</Arn></member>`,
      );
      return `<OpenIDConnectProviderList>${arns.join('')}</OpenIDConnectProviderList>`;
    }
    case 'GetOpenIDConnectProvider': {
      const issuer = input.get('OpenIDConnectProviderArn')?.split('oidc-provider/')[1] ?? '';
      const audiences = (providers[issuer] ?? []).map((audience) => `<member>${audience}</member>`).join('');
      return `<Url>${issuer}</Url><ClientIDList>${audiences}</ClientIDList><ThumbprintList/><CreateDate>2026-01-01T00:00:00Z</CreateDate>`;
    }
    case 'GetPolicy': {
      const arn = input.get('PolicyArn') ?? '';
      return policies[arn] === undefined
        ? undefined
        : `<Policy><Arn>${arn}</Arn><PolicyName>P</PolicyName><DefaultVersionId>v1</DefaultVersionId></Policy>`;
    }
    case 'GetPolicyVersion':
      return `<PolicyVersion><Document>${encoded(policies[input.get('PolicyArn') ?? ''] ?? {})}</Document><VersionId>v1</VersionId></PolicyVersion>`;
    default:
      return undefined;
  }
}

function roleOf({ name, trust, inline, attached, tags = {} }: FakeRoleDetail): string {
  const documents = inline.map(
    (document, index) =>
      `<member><PolicyName>p${index}</PolicyName><PolicyDocument>${encoded(document)}</PolicyDocument></member>`,
  );
  const policies = attached.map((arn) => `<member><PolicyName>P</PolicyName><PolicyArn>${arn}</PolicyArn></member>`);
  const labels = Object.entries(tags).map(
    ([Key, Value]) => `<member><Key>${Key}</Key><Value>${Value}</Value></member>`,
  );
  return (
    `<member><Path>/</Path><RoleName>${name}</RoleName><RoleId>AROA${name}</RoleId><Arn>arn:aws:iam::${ACCOUNT}:role/${name}</Arn>` +
    `<CreateDate>2026-01-01T00:00:00Z</CreateDate><AssumeRolePolicyDocument>${encoded(trust)}</AssumeRolePolicyDocument>` +
    `<InstanceProfileList/><RolePolicyList>${documents.join('')}</RolePolicyList>` +
    `<AttachedManagedPolicies>${policies.join('')}</AttachedManagedPolicies><Tags>${labels.join('')}</Tags></member>`
  );
}

function encoded(document: object): string {
  return encodeURIComponent(JSON.stringify(document));
}
