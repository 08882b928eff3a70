import { GetOpenIDConnectProviderCommand, ListOpenIDConnectProvidersCommand } from '@aws-sdk/client-iam';
import { DeleteFunctionCommand } from '@aws-sdk/client-lambda';
import { DeleteBucketPolicyCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { accountSnapshot } from '../helpers/account-snapshot.ts';
import { runCli } from '../helpers/cli.ts';
import { type LooseConfig, project } from '../helpers/configs.ts';
import { ACCOUNT, REGION } from '../helpers/context.ts';
import { planDocumentSchema } from '../helpers/documents.ts';
import { folderWith } from '../helpers/folder.ts';
import { useMoto } from '../helpers/moto.ts';
import { describeWith } from '../helpers/require.ts';

const FIRST = 'abcdef-terraform-state';
const SECOND = 'second';

/** The example config with different names, except for those that `share` copies from the example. */
function second(share: (config: LooseConfig) => void): string {
  return project((config) => {
    const [role] = config.roles;
    const [counter] = config.functions;
    config.project = SECOND;
    config.stateBucket.name = 'second-terraform-state';
    config.lockTable.name = 'second-terraform-locking';
    role.name = 'SecondTerraformRole';
    counter.name = 'SecondVisits';
    counter.table.name = 'Second';
    counter.environment.TABLE_NAME = 'Second';
    share(config);
  });
}

describeWith('moto', 'two projects in one account', () => {
  const moto = useMoto();
  const crc = async (cwd: string, ...args: readonly string[]) => await runCli(args, { cwd, env: moto().env });
  const plan = async (cwd: string, ...args: readonly string[]) => {
    const { code, stdout } = await crc(cwd, ...args, '--json');
    return { code, document: planDocumentSchema.parse(JSON.parse(stdout)) };
  };
  const destroy = async (cwd: string, Bucket: string) => {
    // Moto denies all object calls if the bucket policy contains a conditional Deny.
    await moto()
      .clients.s3.send(new DeleteBucketPolicyCommand({ Bucket }))
      .catch((error: Error) => {
        if (error.name !== 'NoSuchBucket') throw error;
      });
    const { code, stdout } = await crc(cwd, 'destroy', '--confirm', Bucket, '--json');
    const document = JSON.parse(stdout);
    return { code, stdout, outcomes: document.outcomes as Record<string, string> };
  };

  describe('that crc init wrote', () => {
    const bucketOf = (name: string) => `me-${name}-terraform-state-${ACCOUNT}-${REGION}`;

    /** Creates a project whose tags differ from those of other projects. */
    async function initialised(name: string): Promise<string> {
      const cwd = folderWith({});
      const flags = ['--repository', `me/${name}`, '--region', REGION, '--account', ACCOUNT, '--yes'];
      const { code, stderr } = await crc(cwd, 'init', ...flags);
      expect([code, stderr]).toEqual([0, expect.any(String)]);
      return cwd;
    }

    it.each([
      ['the first', ['resume', 'blog']],
      ['the second', ['blog', 'resume']],
    ])(
      'bootstrap at the same time, are in sync, and destroying %s leaves the other in sync',
      async (_, [destroyed = '', kept = '']) => {
        const folders = new Map([
          ['resume', await initialised('resume')],
          ['blog', await initialised('blog')],
        ]);
        const at = (name: string) => folders.get(name) ?? '';
        const results = await Promise.all([plan(at('resume'), 'bootstrap'), plan(at('blog'), 'bootstrap')]);
        expect(
          results.map(({ code }) => code),
          JSON.stringify(results),
        ).toEqual([0, 0]);
        const verified = await Promise.all([plan(at('resume'), 'verify'), plan(at('blog'), 'verify')]);
        expect(
          verified.map(({ code }) => code),
          JSON.stringify(verified),
        ).toEqual([0, 0]);

        const first = await destroy(at(destroyed), bucketOf(destroyed));
        expect([first.code, first.outcomes['oidc-provider']], first.stdout).toEqual([0, 'kept']);
        const still = await plan(at(kept), 'verify');
        expect([still.code, still.document.status]).toEqual([0, 'in-sync']);

        // The project that created the provider deletes it as soon as no role trusts it.
        expect((await destroy(at(kept), bucketOf(kept))).code).toBe(0);
        expect((await destroy(at(destroyed), bucketOf(destroyed))).code).toBe(0);
        const { OpenIDConnectProviderList } = await moto().clients.iam.send(new ListOpenIDConnectProvidersCommand({}));
        expect(OpenIDConnectProviderList).toEqual([]);
      },
    );

    it('with different tags never change the tags of the provider', async () => {
      const [first, other] = [project(), second((config) => Object.assign(config, { tags: { Project: 'other' } }))];
      const results = await Promise.all([plan(first, 'bootstrap'), plan(other, 'bootstrap')]);
      expect(results.map(({ code }) => code)).toEqual([0, 0]);
      const OpenIDConnectProviderArn = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;
      const tags = async () =>
        (await moto().clients.iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }))).Tags;
      const before = await tags();
      for (const cwd of [first, other, first]) {
        const secondRun = await plan(cwd, 'bootstrap');
        expect([secondRun.code, secondRun.document.apiCalls.write]).toEqual([0, 0]);
      }
      expect(await tags()).toEqual(before);
    });
  });

  it.each<[what: string, kind: string, ids: readonly string[], name: string, share: (config: LooseConfig) => void]>([
    ['bucket', 'buckets', ['state-bucket'], FIRST, ({ stateBucket }) => Object.assign(stateBucket, { name: FIRST })],
    [
      'lock table',
      'tables',
      ['lock-table'],
      'abcdef-terraform-locking',
      ({ lockTable }) => Object.assign(lockTable, { name: 'abcdef-terraform-locking' }),
    ],
    [
      'role',
      'roles',
      ['role/GitHubActionsTerraformRole'],
      'GitHubActionsTerraformRole',
      ({ roles }) => Object.assign(roles[0], { name: 'GitHubActionsTerraformRole' }),
    ],
    [
      'function',
      'functions',
      ['function', 'execution-role', 'log-group', 'function-code'].map((kind) => `${kind}/IncrementVisits`),
      'IncrementVisits',
      ({ functions }) => Object.assign(functions[0], { name: 'IncrementVisits' }),
    ],
  ])(
    'with the same name for a %s: the second is in conflict, and writes nothing to it, until it adopts it',
    async (kindOfResource, kind, ids, name, share) => {
      const [first, other] = [project(), second(share)];
      const bucket = kindOfResource === 'bucket' ? FIRST : 'second-terraform-state';
      const shared = async () => {
        const all = (await accountSnapshot(moto().clients))[kind] as readonly unknown[];
        return all.map((resource) => JSON.stringify(resource)).filter((text) => text.includes(`"${name}"`));
      };
      expect((await plan(first, 'bootstrap')).code).toBe(0);
      const before = await shared();
      expect(before).not.toEqual([]);

      const refused = await plan(other, 'bootstrap');
      expect(refused.code).toBe(1);
      for (const id of ids) {
        const finding = refused.document.findings.find((candidate) => candidate.id === id);
        expect([id, finding?.status, refused.document.outcomes?.[id]]).toEqual([id, 'conflict', 'blocked']);
        expect(finding?.changes).toContainEqual(
          expect.objectContaining({ kind: 'conflict', path: 'tags.crc:project', live: FIRST, want: SECOND }),
        );
        expect(finding?.error?.message).toContain(`belongs to the project ${FIRST}`);
      }
      expect((await plan(other, 'verify')).code).toBe(2);
      if (kindOfResource === 'function') {
        const { code, stdout } = await crc(other, 'deploy-function', '--json');
        expect([code, stdout]).toEqual([1, expect.stringContaining(`belongs to the project ${FIRST}`)]);
        const rollback = await crc(other, 'deploy-function', name, '--rollback', '1', '--json');
        expect([rollback.code, rollback.stdout]).toEqual([1, expect.stringMatching(/belongs to (the )?project/)]);
      }
      expect(await shared()).toEqual(before);

      // Only the second project's own resources are deleted.
      if (kindOfResource !== 'bucket') {
        const { outcomes } = await destroy(other, bucket);
        expect(ids.map((id) => outcomes[id])).toEqual(ids.map(() => 'kept'));
        expect(await shared()).toEqual(before);
      }
      const untouched = await plan(first, 'verify');
      expect([untouched.code, untouched.document.status]).toEqual([0, 'in-sync']);

      const adopted = await plan(other, 'bootstrap', '--adopt');
      expect([adopted.code, adopted.document.status], JSON.stringify(adopted)).toEqual([0, 'converged']);
      const [id = ''] = ids;
      expect(adopted.document.findings.find((candidate) => candidate.id === id)?.changes).toContainEqual(
        expect.objectContaining({
          kind: 'update',
          path: 'tags.crc:project',
          live: FIRST,
          why: `belongs to project ${FIRST}`,
        }),
      );
      expect((await plan(other, 'verify')).code).toBe(0);
      const overwritten = await plan(first, 'verify');
      expect(overwritten.code).toBe(2);
      expect(overwritten.document.findings.find((candidate) => candidate.id === id)?.changes).toContainEqual(
        expect.objectContaining({ kind: 'conflict', path: 'tags.crc:project', live: SECOND, want: FIRST }),
      );
    },
  );

  describe('with one function in two regions', () => {
    const ROLE = 'execution-role/IncrementVisits';
    const inOtherRegion = (change: (config: LooseConfig) => void = () => undefined) =>
      project((config) => {
        const [role] = config.roles;
        config.region = 'us-east-1';
        config.stateBucket.region = REGION;
        role.name = 'RoleOfOtherRegion';
        change(config);
      });

    it('the one that has the role keeps it, from bootstrap, destroy and destroy --orphans, until it is deleted', async () => {
      const first = project();
      expect((await crc(first, 'bootstrap', '--yes', '--json')).code).toBe(0);
      const other = inOtherRegion();
      const { code, document } = await plan(other, 'bootstrap', '--yes', '--adopt', '--prune', '--only', ROLE);
      expect([code, document.outcomes]).toEqual([1, { [ROLE]: 'blocked' }]);
      expect(JSON.stringify(document)).toContain(`it is the role of the function IncrementVisits in ${REGION}; `);
      const removal = ['--only', ROLE, '--confirm', FIRST, '--json'];
      expect(JSON.parse((await crc(other, 'destroy', ...removal)).stdout).outcomes).toEqual({ [ROLE]: 'kept' });
      const withoutFunction = inOtherRegion((config) => {
        config.functions = [];
      });
      const orphan = await crc(withoutFunction, 'destroy', '--orphans', ...removal);
      expect([orphan.code, orphan.stdout]).toEqual([
        1,
        expect.stringContaining(`still the role of the function IncrementVisits in ${REGION}`),
      ]);
      expect((await plan(first, 'verify')).code).toBe(0);

      await moto().clients.lambda.send(new DeleteFunctionCommand({ FunctionName: 'IncrementVisits' }));
      const moved = await plan(other, 'bootstrap', '--yes', '--only', ROLE);
      expect([moved.code, moved.document.outcomes]).toEqual([0, { [ROLE]: 'updated' }]);
    });
  });
});
