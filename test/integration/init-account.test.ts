import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { accountSnapshot } from '../helpers/account-snapshot.ts';
import { runCli } from '../helpers/cli.ts';
import { exampleConfig, writeConfig } from '../helpers/configs.ts';
import { REGION } from '../helpers/context.ts';
import { initDocumentSchema } from '../helpers/documents/other-commands.ts';
import { planDocumentSchema } from '../helpers/documents.ts';
import { folderWith } from '../helpers/folder.ts';
import { benchAt, useMoto } from '../helpers/moto.ts';
import { describeWith } from '../helpers/require.ts';
import {
  BACKEND,
  BUCKET,
  counter,
  FULL_SETUP,
  lockTable,
  MORE_SETUPS,
  provider,
  REPOSITORY,
  role,
  SETUPS,
  type Setup,
  stateBucket,
  TABLE,
  tlsOnly,
} from '../helpers/setups.ts';
import { type Keyboard, runInTerminal } from '../helpers/terminal.ts';

const MORE = SETUPS['a bucket, a table and a role'] as Setup;
const FLAGS = ['init', '--from-account', '--yes', '--repository', REPOSITORY, '--region', REGION];

describeWith('moto', 'crc init --from-account', () => {
  const moto = useMoto();
  const crc = (args: readonly string[], cwd: string, env: Record<string, string> = {}) =>
    runCli(args, { cwd, env: { ...moto().env, PATH: '/nowhere', ...env } });
  const configIn = (cwd: string) => parseConfig(readFileSync(join(cwd, 'crc.config.json'), 'utf8'), 'c');

  describe.each(Object.entries({ ...SETUPS, ...MORE_SETUPS }))(
    'of %s',
    (_, { create, files = {}, changes = [] }: Setup) => {
      it('produces a config with which adoption changes only tags and what crc requires', async () => {
        await create(moto().clients);
        const before = await accountSnapshot(moto().clients);
        const cwd = folderWith(files);
        const initialised = await crc([...FLAGS, '--json'], cwd);
        expect([initialised.code, initialised.stderr]).toEqual([0, expect.not.stringContaining('error')]);
        expect(await accountSnapshot(moto().clients)).toEqual(before);
        const { account } = initDocumentSchema.parse(JSON.parse(initialised.stdout));
        expect(account?.changes.map(({ id, path }) => `${id} ${path}`).sort()).toEqual(changes);
        const config = configIn(cwd);
        expect([config.stateBucket.name, config.lockTable?.name]).toEqual([BUCKET, TABLE]);
        expect(JSON.stringify(config)).not.toContain('secret-of-ada');

        const planned = await crc(['bootstrap', '--adopt', '--dry-run', '--json'], cwd);
        const { findings } = planDocumentSchema.parse(JSON.parse(planned.stdout));
        const changed = findings.flatMap(({ id, changes: some }) =>
          some.flatMap((change) => {
            if (change.kind === 'create') return [`${id} null`];
            return change.path.startsWith('tags.') ? [] : [`${id} ${change.path}`];
          }),
        );
        expect(changed.sort()).toEqual(changes);
        expect(findings.filter(({ status }) => status === 'conflict' || status === 'unread')).toEqual([]);
      });
    },
  );

  describe('stopped at a prompt', () => {
    const [LIST, TEXT, QUESTION] = [/The bucket that holds/, /GitHub repository/, /Write these \d+ files/];
    const ENTER = '\r';

    it.each<[prompt: string, args: string, answers: readonly (readonly [RegExp, string])[], last: RegExp]>([
      ['of a list', '', [], LIST],
      ['of a text', `--bucket ${BUCKET}`, [], TEXT],
      ['of a question', `--bucket ${BUCKET} --repository ${REPOSITORY}`, [], QUESTION],
      ['after others', '', [[LIST, ENTER]], TEXT],
    ])('%s: SIGTERM ends it immediately, and nothing is written', async (_, args, answers, last) => {
      await MORE.create(moto().clients);
      await moto().clients.s3.send(
        new CreateBucketCommand({
          Bucket: 'other-tfstate',
          CreateBucketConfiguration: { LocationConstraint: REGION as 'eu-west-2' },
        }),
      );
      const cwd = folderWith({});
      const stop = async ({ kill }: Keyboard) => {
        kill('SIGTERM');
        return '';
      };
      const { code, shown } = await runInTerminal(`crc init --from-account --lock-table ${TABLE} ${args}`, {
        cwd,
        env: moto().env,
        typed: [...answers, [last, stop]],
      });
      expect([code, readdirSync(cwd)], shown).toEqual([143, []]);
      expect(shown).not.toContain('Stopping');
    });
  });

  describe('of a bucket and a table in a different region from the functions', () => {
    const WEST = 'us-west-2';
    async function created(): Promise<void> {
      const west = benchAt(moto().endpoint, WEST).clients;
      const { clients } = moto();
      await stateBucket(west, { region: WEST });
      await lockTable(west);
      await provider(clients);
      await role(clients);
      await counter(clients);
      await tlsOnly(west);
    }
    const { files = {} } = FULL_SETUP;
    const backend = BACKEND.replace(REGION, WEST);
    const withoutRegion = FLAGS.filter((flag) => flag !== '--region' && flag !== REGION);

    it.each([
      ['as set by a flag', FLAGS, {}],
      ['as in the provider block', withoutRegion, { 'provider.tf': `provider "aws" {\n  region = "${REGION}"\n}\n` }],
    ])('is a config with both regions, %s', async (_, flags, more) => {
      await created();
      const cwd = folderWith({ ...files, 'backend.tf': backend, ...more });
      const initialised = await crc([...flags, '--json'], cwd);
      expect([initialised.code, initialised.stderr]).toEqual([0, expect.not.stringContaining('error')]);
      const { account, proposal } = initDocumentSchema.parse(JSON.parse(initialised.stdout));
      expect([account?.region, proposal?.adopt.region]).toEqual([WEST, WEST]);
      const { region, stateBucket: bucket, lockTable: locks, functions } = configIn(cwd);
      expect([region, bucket.region, locks?.name, functions.map(({ name }) => name)]).toEqual([
        REGION,
        WEST,
        TABLE,
        ['visits'],
      ]);
      const planned = await crc(['bootstrap', '--adopt', '--dry-run', '--json'], cwd);
      const { findings } = planDocumentSchema.parse(JSON.parse(planned.stdout));
      expect(findings.filter(({ status }) => status !== 'drifted').map(({ id }) => id)).toEqual([
        'oidc-provider',
        'log-group/visits',
        'function-code/visits',
      ]);
    });

    it('shows both regions on the page', async () => {
      await created();
      const { code, stdout } = await crc([...FLAGS, '--dry-run'], folderWith({ ...files, 'backend.tf': backend }));
      expect([code, stdout]).toEqual([0, expect.stringContaining(`  ${BUCKET}, ${WEST}, AES256`)]);
      expect(stdout).toContain(`  ${REGION} for functions and their tables\n`);
      expect(stdout).toContain(`the bucket ${BUCKET} and the table ${TABLE}, in ${WEST}`);
    });

    it("uses the bucket's region by default", async () => {
      await created();
      const cwd = folderWith({});
      expect((await crc(withoutRegion, cwd)).code).toBe(0);
      expect([
        configIn(cwd).region,
        JSON.parse(readFileSync(join(cwd, 'crc.config.json'), 'utf8')).stateBucket,
      ]).toEqual([WEST, expect.not.objectContaining({ region: expect.anything() })]);
    });
  });

  describe('with several candidates', () => {
    it('names the flag to choose with, and uses its value', async () => {
      const { clients } = moto();
      await MORE.create(clients);
      const CreateBucketConfiguration = { LocationConstraint: 'eu-west-2' as const };
      await clients.s3.send(new CreateBucketCommand({ Bucket: 'old-terraform-state', CreateBucketConfiguration }));
      const cwd = folderWith({});
      const refused = await crc(FLAGS, cwd);
      expect([refused.code, refused.stderr.replace(/\s+/g, ' ')]).toEqual([
        1,
        expect.stringContaining(
          'has several buckets that may hold Terraform states: ada-tfstate, old-terraform-state. Choose one with --bucket.',
        ),
      ]);
      expect(readdirSync(cwd)).toEqual([]);
      const chosen = await crc([...FLAGS, '--bucket', BUCKET, '--lock-table', 'none'], cwd);
      expect([chosen.code, configIn(cwd).lockTable]).toEqual([0, undefined]);
      const secondRun = await crc([...FLAGS, '--bucket', BUCKET], cwd);
      expect([secondRun.code, secondRun.stderr]).toEqual([1, expect.stringContaining('already exists')]);
      expect(secondRun.stderr).not.toContain('is kept');
    });

    it('leaves out a role whose trust policy the config cannot express, and keeps what it trusts', async () => {
      const { clients } = moto();
      await MORE.create(clients);
      await role(clients, { name: 'all-of-ada', subjects: ['repo:ada/*:*'] });
      const cwd = folderWith({});
      const { code, stdout, stderr } = await crc([...FLAGS, '--json'], cwd);
      expect(code, stderr).toBe(0);
      const { account } = initDocumentSchema.parse(JSON.parse(stdout));
      expect([account?.roles, account?.leftOut]).toEqual([['deploy'], ['all-of-ada']]);
    });
  });

  it('reproduces the config of resources that crc created', async () => {
    const config = exampleConfig();
    config.functions = [];
    config.roles[0].trust.repository = REPOSITORY;
    config.roles.push({
      name: 'Verify',
      trust: { repository: REPOSITORY, subjects: ['ref:refs/heads/main'] },
      policyName: 'VerifyPolicy',
      crc: ['verify'],
    });
    const cwd = writeConfig(config);
    expect((await crc(['bootstrap', '--yes', '--json'], cwd)).code).toBe(0);
    const emptyFolder = folderWith({});
    const initialised = await crc([...FLAGS, '--json'], emptyFolder);
    expect(initialised.code, initialised.stderr).toBe(0);
    const { roles, tags, project } = configIn(emptyFolder);
    expect([project, tags, roles.map(({ name, state, crc: commands }) => [name, state.length, commands])]).toEqual([
      config.stateBucket.name,
      config.tags,
      [
        [config.roles[0].name, 1, []],
        ['Verify', 0, ['verify']],
      ],
    ]);
    expect((await crc(['verify'], emptyFolder)).code).toBe(0);
  });
});
