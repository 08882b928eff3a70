import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { runCli } from '../helpers/cli.ts';
import { backendConfig, type LooseConfig, writeConfig } from '../helpers/configs.ts';
import { useMoto } from '../helpers/moto.ts';
import { startProxy, type WireCall, type WireProxy } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';
import { createStateStore } from '../helpers/state-store.ts';
import { SECRET, secretState } from '../terraform/state/states.ts';

const BUCKET = 'abcdef-terraform-state';
const TABLE = 'abcdef-terraform-locking';
const KEY = 'github-oidc/terraform.tfstate';

const head = { version: z.literal(1), accountId: z.string(), region: z.string() };
const cost = { apiCalls: z.strictObject({ read: z.int(), write: z.int() }), durationMs: z.int() };
const named = { key: z.string(), workspace: z.string() };
const lockSchema = z.strictObject({
  id: z.string().nullable(),
  who: z.string().nullable(),
  operation: z.string().nullable(),
  created: z.string().nullable(),
});
/** Version 1. */
const schemas = {
  list: z.strictObject({
    ...head,
    ...cost,
    command: z.literal('state list'),
    status: z.literal('ok'),
    states: z.array(
      z.strictObject({
        ...named,
        serial: z.int().nullable(),
        resources: z.int().nullable(),
        size: z.int(),
        modified: z.iso.datetime(),
        terraformVersion: z.string().nullable(),
        lock: lockSchema.nullable(),
        declared: z.boolean(),
        digest: z.enum(['match', 'mismatch', 'none']),
        kind: z.enum(['state', 'encrypted', 'unreadable']),
      }),
    ),
    deleted: z.array(z.strictObject({ ...named, versions: z.int() })),
  }),
  history: z.strictObject({
    ...head,
    ...cost,
    ...named,
    command: z.literal('state history'),
    status: z.literal('ok'),
    versions: z.array(
      z.strictObject({
        versionId: z.string(),
        serial: z.int().nullable(),
        lineage: z.string().nullable(),
        terraformVersion: z.string().nullable(),
        resources: z.int().nullable(),
        modified: z.iso.datetime(),
        latest: z.boolean(),
        deleted: z.boolean(),
        retainedUntil: z.iso.datetime().nullable(),
        size: z.int(),
      }),
    ),
  }),
  diff: z.strictObject({
    ...head,
    ...cost,
    ...named,
    command: z.literal('state diff'),
    status: z.literal('ok'),
    from: z.strictObject({ versionId: z.string(), serial: z.int().nullable() }),
    to: z.strictObject({ versionId: z.string(), serial: z.int().nullable() }),
    added: z.array(z.string()),
    removed: z.array(z.string()),
    moved: z.array(z.strictObject({ from: z.string(), to: z.string() })),
    changed: z.array(z.strictObject({ address: z.string(), attributes: z.array(z.string()) })),
  }),
  check: z.strictObject({
    ...head,
    ...cost,
    command: z.literal('state check'),
    status: z.enum(['ok', 'problems']),
    problems: z.array(z.strictObject({ id: z.string(), key: z.string(), message: z.string(), fix: z.string() })),
    fixed: z.array(z.string()).optional(),
  }),
};

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

const LOCKS: Readonly<Record<string, (config: LooseConfig) => void>> = {
  'the table': () => undefined,
  'the lock file': (config) => {
    delete config.lockTable;
  },
  'both locks': (config) => {
    config.lockTable.lockFile = true;
  },
};

describeWith('moto', 'crc state', () => {
  const moto = useMoto();
  let proxy: WireProxy;
  let cwd: string;
  beforeAll(async () => {
    proxy = await startProxy(moto().endpoint);
  });
  afterAll(async () => {
    await proxy.stop();
  });
  beforeEach(async () => {
    cwd = writeConfig(backendConfig());
    proxy.intercept = async () => 'pass';
    proxy.calls.length = 0;
    await createStateStore(moto().clients, BUCKET, TABLE);
  });

  const run = (...args: string[]) => runCli(args, { cwd, env: { ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint } });
  async function json<K extends keyof typeof schemas>(
    verb: K,
    ...args: string[]
  ): Promise<z.infer<(typeof schemas)[K]>> {
    const { stdout } = await run('state', verb, ...args, '--json');
    return schemas[verb].parse(JSON.parse(stdout)) as z.infer<(typeof schemas)[K]>;
  }
  const problems = async () => (await json('check')).problems.map(({ id }) => id);

  async function put(text: string, key = KEY): Promise<void> {
    await moto().clients.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: text }));
    await putDigest(md5(text), key);
  }
  async function putDigest(digest: string, key = KEY): Promise<void> {
    const Item = { LockID: { S: `${BUCKET}/${key}-md5` }, Digest: { S: digest } };
    await moto().clients.dynamodb.send(new PutItemCommand({ TableName: TABLE, Item }));
  }
  async function current(key = KEY): Promise<string | undefined> {
    try {
      const { Body } = await moto().clients.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
      return await Body?.transformToString();
    } catch {
      return undefined;
    }
  }
  async function digest(key = KEY): Promise<string | undefined> {
    const Key = { LockID: { S: `${BUCKET}/${key}-md5` } };
    return (await moto().clients.dynamodb.send(new GetItemCommand({ TableName: TABLE, Key }))).Item?.Digest?.S;
  }
  const lockInfo = (id: string, created = '2026-11-20T10:00:00Z') =>
    JSON.stringify({
      ID: id,
      Operation: 'OperationTypeApply',
      Info: '',
      Who: 'me@laptop',
      Version: '1.11.4',
      Created: created,
    });
  async function lockItem(info: string | undefined, key = KEY): Promise<void> {
    const Item = { LockID: { S: `${BUCKET}/${key}` }, ...(info === undefined ? {} : { Info: { S: info } }) };
    await moto().clients.dynamodb.send(new PutItemCommand({ TableName: TABLE, Item }));
  }
  async function itemInfo(): Promise<string | undefined> {
    const Key = { LockID: { S: `${BUCKET}/${KEY}` } };
    return (await moto().clients.dynamodb.send(new GetItemCommand({ TableName: TABLE, Key }))).Item?.Info?.S;
  }
  async function versionsOf(key = KEY) {
    const { Versions = [], DeleteMarkers = [] } = await moto().clients.s3.send(
      new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: key }),
    );
    return {
      versions: Versions.filter(({ Key }) => Key === key),
      markers: DeleteMarkers.filter(({ Key }) => Key === key),
    };
  }
  const locks = async () => [await itemInfo(), await current(`${KEY}.tflock`)].filter((lock) => lock !== undefined);

  describe('list', () => {
    it('shows every state, declared or not, with what is in it and who holds its lock', async () => {
      await put(secretState(3));
      await put(secretState(4), `env:/dev/${KEY}`);
      await put(secretState(1), 'other/project.tfstate');
      await moto().clients.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'notes.txt', Body: 'no state' }));
      await lockItem(lockInfo('lock-1'));
      await put(secretState(2), 'gone/terraform.tfstate');
      await moto().clients.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'gone/terraform.tfstate' }));
      const { states, deleted } = await json('list');
      expect(
        states.map(({ key, workspace, serial, resources, declared }) => [key, workspace, serial, resources, declared]),
      ).toEqual([
        [KEY, 'dev', 4, 5, true],
        [KEY, 'default', 3, 4, true],
        ['other/project.tfstate', 'default', 1, 2, false],
      ]);
      expect(states[1]?.lock).toMatchObject({ id: 'lock-1', who: 'me@laptop', operation: 'OperationTypeApply' });
      expect(states[0]).toMatchObject({ digest: 'match', terraformVersion: '1.11.4', kind: 'state', lock: null });
      expect(deleted).toEqual([{ key: 'gone/terraform.tfstate', workspace: 'default', versions: 1 }]);
    });

    it('shows a lock file as well', async () => {
      await put(secretState(3));
      await moto().clients.s3.send(
        new PutObjectCommand({ Bucket: BUCKET, Key: `${KEY}.tflock`, Body: lockInfo('file-1') }),
      );
      expect((await json('list')).states[0]?.lock?.id).toBe('file-1');
      await moto().clients.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: `${KEY}.tflock` }));
      expect((await json('list')).states[0]?.lock).toBeNull();
    });

    it('lists nothing in an empty bucket', async () => {
      expect((await json('list')).states).toEqual([]);
      expect((await run('state', 'list')).stdout).toContain('No states.');
    });
  });

  describe('history and diff', () => {
    it('shows all versions, the newest first, and delete markers', async () => {
      for (const serial of [1, 2, 3]) await put(secretState(serial));
      await moto().clients.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: KEY }));
      const { versions } = await json('history', KEY);
      expect(versions.map(({ serial, deleted, latest }) => [serial, deleted, latest])).toEqual([
        [null, true, true],
        [3, false, false],
        [2, false, false],
        [1, false, false],
      ]);
      expect((await json('history', KEY, '--limit', '2')).versions).toHaveLength(2);
    });

    it('compares by serial, version id and distance', async () => {
      for (const serial of [1, 2, 3]) await put(secretState(serial));
      const { versions } = await json('history');
      const diff = await json('diff', KEY, '~1', '~0');
      expect(diff).toMatchObject({
        from: { serial: 2 },
        to: { serial: 3 },
        added: ['aws_sqs_queue.q2'],
        removed: [],
        changed: [
          { address: 'output.url', attributes: ['value'] },
          { address: 'aws_db_instance.main', attributes: ['password', 'tags'] },
          { address: 'aws_sqs_queue.q0', attributes: ['password'] },
          { address: 'aws_sqs_queue.q1', attributes: ['password'] },
        ],
      });
      const { durationMs: _, apiCalls: __, ...same } = diff;
      for (const words of [['2', '3'], [versions[1]?.versionId ?? '', versions[0]?.versionId ?? ''], []]) {
        expect(await json('diff', KEY, ...words)).toMatchObject(same);
      }
    });

    it.each([
      [['~7'], 'There is no version ~7: the state has 1 versions.'],
      [['99'], 'The state has no version "99".'],
      [['nonsense'], 'The state has no version "nonsense".'],
    ])('refuses %j', async (words, message) => {
      await put(secretState(1));
      const { code, stderr } = await run('state', 'diff', KEY, ...words);
      expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
    });

    it('knows no state that was never there', async () => {
      const { code, stderr } = await run('state', 'history', 'nothing/here.tfstate');
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining(`The bucket ${BUCKET} has no state nothing/here.tfstate.`),
      ]);
    });

    it('names the version ids where a serial is that of several versions', async () => {
      await put(secretState(1));
      await put(secretState(1, 'another'));
      const { code, stderr } = await run('state', 'diff', KEY, '1', '~0');
      expect([code, stderr]).toEqual([1, expect.stringContaining('2 different versions have the serial 1.')]);
    });
  });

  describe.each(Object.entries(LOCKS))('restore with %s', (_, change) => {
    beforeEach(async () => {
      const config = backendConfig();
      change(config);
      cwd = writeConfig(config);
      for (const serial of [1, 2, 3]) await put(secretState(serial));
    });
    const hasTable = () => JSON.parse(readFileSync(join(cwd, 'crc.config.json'), 'utf8')).lockTable !== undefined;

    it('writes the old content as the newest version, with a higher serial, and gives the lock back', async () => {
      const { code, stderr } = await run('state', 'restore', KEY, '~1', '--yes');
      expect(code === 0 ? '' : stderr).toBe('');
      const wanted = secretState(2).replace('"serial": 2', '"serial": 4');
      expect(await current()).toBe(wanted);
      if (hasTable()) expect(await digest()).toBe(md5(wanted));
      expect((await versionsOf()).versions).toHaveLength(4);
      expect(await locks()).toEqual([]);
      expect(await json('diff', KEY, '2', '~0')).toMatchObject({ added: [], removed: [], changed: [] });
    });

    it('goes back to a serial', async () => {
      expect((await run('state', 'restore', KEY, '1', '--yes')).code).toBe(0);
      expect(await current()).toBe(secretState(1).replace('"serial": 1', '"serial": 4'));
    });

    it('brings a deleted state back', async () => {
      await moto().clients.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: KEY }));
      expect((await run('state', 'restore', KEY, '~0', '--yes')).code).toBe(0);
      expect(await current()).toBe(secretState(3).replace('"serial": 3', '"serial": 4'));
      expect(await locks()).toEqual([]);
    });

    it('refuses while another holds the lock, and leaves that lock alone', async () => {
      const theirs = lockInfo('theirs');
      if (hasTable()) await lockItem(theirs);
      else await moto().clients.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `${KEY}.tflock`, Body: theirs }));
      const { code, stderr } = await run('state', 'restore', KEY, '~1', '--yes');
      expect([code, stderr]).toEqual([1, expect.stringContaining('is locked by me@laptop')]);
      expect(await current()).toBe(secretState(3));
      expect(await locks()).toEqual([theirs]);
    });

    it('overwrites nothing that was written without a lock meanwhile', async () => {
      const theirs = secretState(9);
      let done = false;
      proxy.intercept = async (call) => {
        if (!done && call.method === 'PUT' && call.path.startsWith(`/${BUCKET}/${KEY}?`)) {
          done = true;
          await put(theirs);
        }
        return 'pass';
      };
      const { code, stderr } = await run('state', 'restore', KEY, '~1', '--yes');
      expect([done, code, stderr]).toEqual([
        true,
        1,
        expect.stringContaining('was written to meanwhile. No changes were made.'),
      ]);
      expect(await current()).toBe(theirs);
      expect(await locks()).toEqual([]);
    });
  });

  describe('restore', () => {
    beforeEach(async () => {
      for (const serial of [1, 2, 3]) await put(secretState(serial));
    });

    it('asks nobody off a terminal on this machine, and needs --yes elsewhere', async () => {
      const { code } = await run('state', 'restore', KEY, '~1');
      expect(code).toBe(0);
      const { port } = new URL(proxy.endpoint);
      const far = { ...moto().env, AWS_ENDPOINT_URL: `http://localhost.localdomain:${port}` };
      proxy.calls.length = 0;
      const refused = await runCli(['state', 'restore', KEY, '~2', '--json'], { cwd, env: far });
      expect(refused.code).toBe(1);
      expect(proxy.calls.filter(({ write }) => write)).toEqual([]);
    });

    it('does nothing where the newest version is that content already', async () => {
      await run('state', 'restore', KEY, '~1', '--yes');
      proxy.calls.length = 0;
      const { code, stdout } = await run('state', 'restore', KEY, '~0', '--yes');
      expect([code, stdout]).toEqual([0, expect.stringContaining('No changes.')]);
      expect(proxy.calls.filter(({ write }) => write)).toEqual([]);
    });

    it('goes back to another lineage only with --other-lineage', async () => {
      await put(secretState(1, 'another-project'));
      const { code, stderr } = await run('state', 'restore', KEY, '~1', '--yes');
      expect([code, stderr]).toEqual([1, expect.stringContaining('pass --other-lineage')]);
      expect((await run('state', 'restore', KEY, '~1', '--yes', '--other-lineage')).code).toBe(0);
      expect(await current()).toBe(secretState(3).replace('"serial": 3', '"serial": 4'));
      expect(await problems()).toEqual([]);
    });

    it('restores a state that OpenTofu encrypted byte for byte', async () => {
      const encrypted = (data: string) =>
        JSON.stringify({ serial: 1, lineage: 'l', meta: {}, encrypted_data: data, encryption_version: 'v0' });
      await put(encrypted('AAAA'), 'tofu.tfstate');
      await put(encrypted('BBBB'), 'tofu.tfstate');
      expect((await json('list')).states.at(-1)).toMatchObject({
        key: 'tofu.tfstate',
        kind: 'encrypted',
        resources: null,
      });
      expect((await run('state', 'restore', 'tofu.tfstate', '~1', '--yes')).code).toBe(0);
      expect(await current('tofu.tfstate')).toBe(encrypted('AAAA'));
    });

    it.each(['~1', '~0'])('refuses to restore what is no state: %s', async (version) => {
      await put('{"half":');
      if (version === '~1') await put(secretState(5));
      const { code, stderr } = await run('state', 'restore', KEY, version, '--yes');
      expect([code, stderr]).toEqual([1, expect.stringContaining('is not a readable state, so it was not restored.')]);
    });

    it('goes through with answers that are lost', async () => {
      const lost = new Set<string>();
      proxy.intercept = async (call) => {
        const id = `${call.name} ${call.path} ${call.body}`;
        if (!call.write || lost.has(id)) return 'pass';
        lost.add(id);
        return 'drop answer';
      };
      const { code, stderr } = await run('state', 'restore', KEY, '~1', '--yes');
      expect(code === 0 ? '' : stderr).toBe('');
      expect(lost.size).toBe(4);
      expect(await locks()).toEqual([]);
      expect(await problems()).toEqual([]);
    });

    it('lets one of two at once go first, and the other says so', async () => {
      const results = await Promise.all(['~1', '~2'].map((version) => run('state', 'restore', KEY, version, '--yes')));
      const done = results.filter(({ code }) => code === 0).length;
      expect((await versionsOf()).versions).toHaveLength(3 + done);
      expect(done).toBeGreaterThan(0);
      for (const { code, stderr } of results)
        if (code !== 0) expect(stderr).toMatch(/(is|was) locked by|was written to meanwhile/);
      expect(await locks()).toEqual([]);
      expect(await problems()).toEqual([]);
    });
  });

  describe('unlock', () => {
    beforeEach(async () => {
      await put(secretState(1));
    });

    it('releases a lock that is older than an hour', async () => {
      await lockItem(lockInfo('old'));
      const { code, stdout } = await run('state', 'unlock', KEY);
      expect([code, stdout]).toEqual([0, expect.stringContaining('is locked by me@laptop since 2026-11-20')]);
      expect(await locks()).toEqual([]);
      expect((await run('state', 'unlock', KEY)).stdout).toContain('is not locked');
    });

    it('refuses a younger one without its id', async () => {
      await lockItem(lockInfo('young', new Date().toISOString()));
      const { code, stderr } = await run('state', 'unlock', KEY);
      expect([code, stderr]).toEqual([1, expect.stringContaining(`crc state unlock ${KEY} --force young`)]);
      expect(await locks()).toHaveLength(1);
      expect((await run('state', 'unlock', KEY, '--force', 'other')).code).toBe(1);
      expect(await locks()).toHaveLength(1);
      expect((await run('state', 'unlock', KEY, '--force', 'young')).code).toBe(0);
      expect(await locks()).toEqual([]);
    });

    it('removes both kinds where both are held', async () => {
      await lockItem(lockInfo('both'));
      await moto().clients.s3.send(
        new PutObjectCommand({ Bucket: BUCKET, Key: `${KEY}.tflock`, Body: lockInfo('both') }),
      );
      expect((await run('state', 'unlock', KEY, '--force', 'both')).code).toBe(0);
      expect(await locks()).toEqual([]);
    });

    it('releases the one that is named, and says that another is still held', async () => {
      await lockItem(lockInfo('in-table'));
      await moto().clients.s3.send(
        new PutObjectCommand({ Bucket: BUCKET, Key: `${KEY}.tflock`, Body: lockInfo('in-file') }),
      );
      const { code, stdout } = await run('state', 'unlock', KEY, '--force', 'in-table');
      expect([code, stdout]).toEqual([
        0,
        expect.stringMatching(/^Released [\s\S]*Another lock is still held: .*in-file/m),
      ]);
      expect(await locks()).toHaveLength(1);
    });

    it('releases a lock without a holder by its place', async () => {
      await lockItem(undefined);
      const { stderr } = await run('state', 'unlock', KEY);
      expect(stderr).toContain(`--force ${BUCKET}/${KEY}`);
      expect((await run('state', 'unlock', KEY, '--force', `${BUCKET}/${KEY}`)).code).toBe(0);
      expect(await problems()).toEqual([]);
    });

    it.each(['item', 'file'] as const)('never takes the lock of a new holder: %s', async (kind) => {
      const place = async (info: string) => {
        if (kind === 'item') return await lockItem(info);
        await moto().clients.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `${KEY}.tflock`, Body: info }));
      };
      await place(lockInfo('old'));
      const isRemoval = ({ name, method, path }: WireCall) =>
        name === 'DeleteItem' || (method === 'DELETE' && path.includes('.tflock'));
      proxy.intercept = async (call) => {
        if (isRemoval(call)) {
          if (kind === 'item') {
            await moto().clients.dynamodb.send(
              new DeleteItemCommand({ TableName: TABLE, Key: { LockID: { S: `${BUCKET}/${KEY}` } } }),
            );
          } else await moto().clients.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: `${KEY}.tflock` }));
          await place(lockInfo('new holder'));
        }
        return 'pass';
      };
      const { code, stdout } = await run('state', 'unlock', KEY, '--force', 'old');
      expect([code, stdout]).toEqual([1, expect.stringContaining('Nothing was released')]);
      expect(await locks()).toEqual([lockInfo('new holder')]);
    });
  });

  describe('check', () => {
    it('finds nothing in a bucket in order', async () => {
      await put(secretState(1));
      const { code, stdout } = await run('state', 'check');
      expect([code, stdout]).toEqual([0, expect.stringContaining('1 state, no problems.')]);
    });

    it('finds a digest that is another, and sets it', async () => {
      await put(secretState(1));
      await putDigest('0'.repeat(32));
      const { code } = await run('state', 'check');
      expect(code).toBe(2);
      expect(await problems()).toEqual(['digest-mismatch']);
      const fixed = await json('check', '--fix', '--yes');
      expect(fixed).toMatchObject({ status: 'ok', problems: [], fixed: [KEY] });
      expect(await digest()).toBe(md5(secretState(1)));
      expect(await locks()).toEqual([]);
    });

    it('sets no digest while another holds the lock', async () => {
      await put(secretState(1));
      await putDigest('0'.repeat(32));
      await lockItem(lockInfo('theirs', new Date().toISOString()));
      const { code, stderr } = await run('state', 'check', '--fix', '--yes');
      expect([code, stderr]).toEqual([1, expect.stringContaining('is locked by me@laptop')]);
      expect(await digest()).toBe('0'.repeat(32));
    });

    it('finds what is broken, overwritten, deleted, undeclared, and a rule that deletes current states', async () => {
      await put(secretState(1));
      await put(secretState(1, 'another'));
      await put('{"version": 4, "ser', 'broken.tfstate');
      await put(secretState(2), 'gone.tfstate');
      await moto().clients.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'gone.tfstate' }));
      await putDigest('1'.repeat(32), 'never.tfstate');
      await moto().clients.s3.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: BUCKET,
          LifecycleConfiguration: {
            Rules: [{ ID: 'tidy', Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 30 } }],
          },
        }),
      );
      expect((await problems()).sort()).toEqual([
        'current-versions-expire',
        'digest-without-state',
        'other-lineage',
        'state-deleted',
        'state-truncated',
        'undeclared-state',
      ]);
    });
  });

  it('shows no secret of a state in any command and format', async () => {
    for (const serial of [1, 2, 3]) await put(secretState(serial));
    await put(`{"password": "${SECRET}", `, 'broken.tfstate');
    const outputs: string[] = [];
    for (const words of [
      ['list'],
      ['history', KEY],
      ['diff', KEY],
      ['check'],
      ['diff', 'broken.tfstate', '~0', '~0'],
      ['restore', KEY, '~1', '--yes'],
      ['restore', KEY, SECRET, '--yes'],
    ]) {
      for (const flags of [[], ['--json'], ['--verbose']]) {
        const { stdout, stderr } = await run('state', ...words, ...flags);
        outputs.push(stdout, stderr);
      }
    }
    expect(outputs.join('\n').replaceAll(`"${SECRET}"`, '')).not.toMatch(new RegExp(`${SECRET}-|password":`));
  });
});
