import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { spawnCli } from '../helpers/cli.ts';
import { backendConfig, writeConfig } from '../helpers/configs.ts';
import { useMoto } from '../helpers/moto.ts';
import { startProxy, type WireProxy } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';
import { createStateStore } from '../helpers/state-store.ts';
import { resourceOf, secretState, stateOf } from '../terraform/state/states.ts';

const BUCKET = 'abcdef-terraform-state';
const TABLE = 'abcdef-terraform-locking';
const KEY = 'github-oidc/terraform.tfstate';

/** Problems that `crc state check` finds. */
const checkSchema = z.object({ problems: z.array(z.object({ id: z.string() })) });

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

/** CRC_FAULTS=full: each call; else every third. */
const STRIDE = process.env.CRC_FAULTS === 'full' ? 1 : 3;

describeWith('moto', 'crc state, at its limits', () => {
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
    await setUp();
  });

  const run = (...args: string[]) => spawnCli(args, { cwd, env: { ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint } });
  const problems = async () =>
    checkSchema.parse(JSON.parse((await run('state', 'check', '--json')).stdout)).problems.map(({ id }) => id);

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

  async function setUp(): Promise<void> {
    await createStateStore(moto().clients, BUCKET, TABLE);
  }

  describe('restore, killed or failing', () => {
    it('is the old or the new state at every call, and the named commands put the rest in order', async () => {
      for (const serial of [1, 2]) await put(secretState(serial));
      proxy.calls.length = 0;
      await run('state', 'restore', KEY, '~1', '--yes');
      const count = proxy.calls.length;
      expect(count).toBeGreaterThan(10);
      for (const how of ['kill', 'fail'] as const) {
        for (let at = 0; at < count; at += STRIDE) await brokenAt(at, how);
      }
    });

    async function brokenAt(at: number, how: 'kill' | 'fail'): Promise<void> {
      await moto().reset();
      await setUp();
      for (const serial of [1, 2]) await put(secretState(serial));
      const [old, restored] = [secretState(2), secretState(1).replace('"serial": 1', '"serial": 3')];
      let calls = 0;
      let kill: () => void = () => undefined;
      proxy.intercept = async (_call, _request, response) => {
        calls += 1;
        if (calls !== at + 1) return 'pass';
        if (how === 'fail') {
          response.writeHead(403, { 'content-type': 'application/xml', 'x-amz-request-id': 'R' });
          response.end('<Error><Code>AccessDenied</Code><Message>denied</Message></Error>');
          return 'handled';
        }
        kill();
        return 'drop answer';
      };
      const env = { ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint };
      const { code, stderr } = await spawnCli(['state', 'restore', KEY, '~1', '--yes'], {
        cwd,
        env,
        started: (child) => {
          kill = () => child.kill('SIGKILL');
        },
      });
      proxy.intercept = async () => 'pass';
      const where = `${how} at call ${at}: ${stderr}`;
      if (how === 'kill') expect(code, where).not.toBe(0);
      expect([old, restored], where).toContain(await current());
      // What a person does then.
      const [lock] = await locks();
      if (lock !== undefined) {
        const { ID } = JSON.parse(lock);
        if (how === 'fail') expect(stderr, where).toContain(`--force ${ID}`);
        expect((await run('state', 'unlock', KEY, '--force', ID)).code, where).toBe(0);
      }
      if ((await problems()).includes('digest-mismatch')) {
        if (how === 'fail') expect(stderr, where).toContain('crc state check --fix');
        expect((await run('state', 'check', '--fix', '--yes')).code, where).toBe(0);
      }
      expect(await locks(), where).toEqual([]);
      expect(await digest(), where).toBe(md5((await current()) ?? ''));
      expect((await versionsOf()).versions.length, where).toBeGreaterThanOrEqual(2);
      expect((await versionsOf()).markers, where).toEqual([]);
    }
  });

  it('reads a state of 50 MB in under 200 MiB of memory', async () => {
    const filler = 'x'.repeat(1_000);
    const large = (serial: number) =>
      JSON.stringify(
        stateOf({
          serial,
          resources: Array.from({ length: 12_000 }, (_, index) =>
            resourceOf(`aws_s3_object.o${index}`, {
              id: `${index}`,
              a: filler,
              b: filler,
              c: filler,
              d: `${filler}${serial}`,
            }),
          ),
        }),
      );
    await put(large(1));
    await put(large(2));
    const folder = mkdtempSync(join(tmpdir(), 'crc-memory-'));
    const meter = join(folder, 'meter.mjs');
    writeFileSync(
      meter,
      `import { writeFileSync } from 'node:fs';
       process.on('exit', () => writeFileSync(process.env.METER_FILE, String(process.resourceUsage().maxRSS)));`,
    );
    for (const words of [['list'], ['history'], ['diff'], ['restore', KEY, '~1', '--yes'], ['check']]) {
      const file = join(folder, words[0] ?? '');
      const { code, stderr } = await spawnCli(['state', ...words], {
        cwd,
        env: { ...moto().env, NODE_OPTIONS: `--import=${meter}`, METER_FILE: file },
      });
      expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
      const mebibytes = Number(readFileSync(file, 'utf8')) / 1024;
      expect(mebibytes, `${words[0]} took ${mebibytes} MiB`).toBeLessThan(200);
    }
  });
});
