import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { GetOpenIDConnectProviderCommand, GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import type { z } from 'zod';
import { run } from '../../src/cli.ts';
import { backendConfig, type LooseConfig, writeConfig } from './configs.ts';
import { ACCOUNT } from './context.ts';
import { explainDocumentSchema } from './documents.ts';
import { awsError } from './fake-aws.ts';
import { folderWith } from './folder.ts';
import { captureIo } from './io.ts';

export const ISSUER = 'token.actions.githubusercontent.com';
export const PROVIDER_ARN = `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER}`;

/** The subjects of octo-org/demo that each role trusts, by role name. */
export type TrustedSubjects = Readonly<Record<string, readonly string[]>>;

/** A config with roles for octo-org/demo. With ids, subjects are allowed in both formats. */
export function configOf(roles: TrustedSubjects, ids: object = { ownerId: 1, repositoryId: 2 }): LooseConfig {
  const config = backendConfig();
  const [role] = config.roles;
  config.roles = Object.entries(roles).map(([name, subjects], index) => ({
    ...role,
    name,
    state: [{ key: `${index}/terraform.tfstate`, access: 'read' }],
    trust: { repository: 'octo-org/demo', ...ids, subjects },
  }));
  return config;
}

export interface Explained {
  readonly code: number;
  readonly document: z.infer<typeof explainDocumentSchema>;
  readonly text: string;
  /** `job on event: context verdict`, only for intended subjects in the format without ids. */
  readonly rows: readonly string[];
  readonly causes: readonly string[];
}

/**
 * Returns a folder with a fake `gh`. It prints the first answer whose key occurs in the arguments, or nothing, and logs
 * the arguments of each call to the file `asked`.
 */
export function fakeGh(answers: Readonly<Record<string, string>>): string {
  const cases = Object.entries(answers).map(([part, answer]) => `*'${part}'*) printf '%s\\n' '${answer}';;`);
  const bin = folderWith({
    gh: `#!/bin/sh\nprintf '%s\\n' "$*" >> "\${0%/*}/asked"\ncase "$*" in ${cases.join(' ')} esac\n`,
  });
  chmodSync(join(bin, 'gh'), 0o755);
  return bin;
}

/**
 * The mock of the latest run. On a busy machine a run can outlive its test; then it must not remove the mocks of the
 * next test, whose requests would be sent.
 */
let latest: object | undefined;

/**
 * Runs `crc explain` in an account whose roles have the trust policies that the config describes, except those in
 * `trust`. git and gh are missing unless `bin` contains them.
 */
export async function runExplain(
  config: LooseConfig,
  args: readonly string[],
  {
    trust = {},
    cwd,
    columns,
    bin = '/nowhere',
    unread = [],
    tags = { ManagedBy: 'crc', 'crc:project': config.project ?? config.stateBucket.name },
  }: {
    readonly trust?: Readonly<Record<string, unknown>>;
    readonly cwd?: string;
    readonly columns?: number;
    readonly bin?: string;
    /** Roles that the credentials may not read. */
    readonly unread?: readonly string[];
    /** Of each role. */
    readonly tags?: Readonly<Record<string, string>>;
  } = {},
): Promise<Explained> {
  const file = join(writeConfig(config), 'crc.config.json');
  const [iam, sts] = [mockClient(IAMClient), mockClient(STSClient)];
  latest = iam;
  try {
    sts.on(GetCallerIdentityCommand).resolves({ Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:user/me` });
    iam.on(GetOpenIDConnectProviderCommand).resolves({ ClientIDList: config.oidcProvider.audiences });
    iam.on(GetRoleCommand).callsFake(({ RoleName }: { readonly RoleName: string }) => {
      if (unread.includes(RoleName)) throw awsError('AccessDenied', 403);
      const document = trust[RoleName] ?? trustOf(config, RoleName);
      if (document === undefined) throw awsError('NoSuchEntityException', 404);
      return {
        Role: {
          AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(document)),
          MaxSessionDuration: 3_600,
          Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        },
      };
    });
    const crc = async (more: readonly string[]) => {
      const { io, out, err } = captureIo({
        cwd: cwd ?? join(file, '..'),
        env: { PATH: bin },
        outColumns: columns,
      });
      const code = await run(['node', 'crc', 'explain', ...more, ...args, '--config', file], io);
      return { code, out: out(), err: err() };
    };
    const json = await crc(['--json']);
    const parsed = explainDocumentSchema.safeParse(JSON.parse(json.out));
    if (!parsed.success) throw new Error(`${json.out}\n${parsed.error.message}`);
    const document = parsed.data;
    const all = document.roles.flatMap((role) => role.subjects.map((subject) => ({ ...subject, role: role.name })));
    const intended = all.filter(({ form, expected }) => form !== 'immutable' && expected);
    return {
      code: json.code,
      document,
      text: (await crc([])).out,
      rows: intended.map(
        ({ job, event, subject, verdict }) =>
          `${job === null ? '' : `${job} on ${event}: `}${subject.replace(/^repo:[^:]*:/, '')} ${verdict}`,
      ),
      causes: [...new Set(intended.flatMap(({ causes }) => causes.map(({ id }) => id)))],
    };
  } finally {
    if (latest === iam) {
      iam.restore();
      sts.restore();
    }
  }
}

/** The trust policy that the config describes, built independently of crc. */
function trustOf(config: LooseConfig, name: string): object | undefined {
  const role = config.roles.find((candidate: { readonly name: string }) => candidate.name === name);
  if (role === undefined) return undefined;
  const { repository, ownerId, repositoryId, subjects } = role.trust;
  const issuer = config.oidcProvider.url.replace('https://', '');
  const [owner, repo] = repository.split('/');
  const names = [repository, ...(ownerId === undefined ? [] : [`${owner}@${ownerId}/${repo}@${repositoryId}`])];
  const subs = names.flatMap((repository) => subjects.map((subject: string) => `repo:${repository}:${subject}`));
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: PROVIDER_ARN.replace(ISSUER, issuer) },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: { [`${issuer}:aud`]: config.oidcProvider.audiences },
          StringLike: { [`${issuer}:sub`]: subs },
        },
      },
    ],
  };
}
