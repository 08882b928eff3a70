import type { SandboxPlace } from './environment.ts';

/** The names in `config.example.json`. */
export const EXAMPLE = {
  accountId: '123456789012',
  region: 'eu-west-2',
  bucket: 'abcdef-terraform-state',
  role: 'GitHubActionsTerraformRole',
} as const;

/** A change to the account from outside crc: its description, and the request that makes it. */
interface OutsideChange {
  /** `s3:PutPublicAccessBlock`, and its effect. */
  readonly text: string;
  readonly service: 's3' | 'iam';
  readonly method: 'PUT' | 'POST';
  readonly path: string;
  readonly body: string;
}

const STRANGER = 'repo:another-owner/*';

const TRUST = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: `arn:aws:iam::${EXAMPLE.accountId}:oidc-provider/token.actions.githubusercontent.com` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' },
        StringLike: { 'token.actions.githubusercontent.com:sub': STRANGER },
      },
    },
  ],
};

const CHANGES: readonly OutsideChange[] = [
  {
    text: `The state bucket ${EXAMPLE.bucket} may become public.`,
    service: 's3',
    method: 'PUT',
    path: `/${EXAMPLE.bucket}?publicAccessBlock`,
    body: `<PublicAccessBlockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${[
      'BlockPublicAcls',
      'IgnorePublicAcls',
      'BlockPublicPolicy',
      'RestrictPublicBuckets',
    ]
      .map((name) => `<${name}>${name !== 'BlockPublicPolicy'}</${name}>`)
      .join('')}</PublicAccessBlockConfiguration>`,
  },
  {
    text: `Another owner's repositories can assume the role ${EXAMPLE.role}.`,
    service: 'iam',
    method: 'POST',
    path: '/',
    body: String(
      new URLSearchParams({
        Action: 'UpdateAssumeRolePolicy',
        Version: '2010-05-08',
        RoleName: EXAMPLE.role,
        PolicyDocument: JSON.stringify(TRUST),
      }),
    ),
  },
];

/**
 * Changes the example's resources in the sandbox, as another tool would. Returns one sentence per change. @throws if
 * the emulator rejects a request.
 */
export async function changeOutsideCrc({ endpoint, region }: SandboxPlace): Promise<readonly string[]> {
  for (const { service, method, path, body } of CHANGES) {
    const response = await fetch(`${endpoint}${path}`, {
      method,
      body,
      headers: {
        'content-type': service === 's3' ? 'application/xml' : 'application/x-www-form-urlencoded',
        // Moto reads the service from the credential scope, and does not verify signatures.
        authorization: `AWS4-HMAC-SHA256 Credential=testing/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
      },
    });
    if (!response.ok) throw new Error(`${service} ${method} ${path}: ${response.status} ${await response.text()}`);
  }
  return CHANGES.map(({ text }) => text);
}
