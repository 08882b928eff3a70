import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { runCli, spawnCli } from '../helpers/cli.ts';
import { backendConfig, writeConfig } from '../helpers/configs.ts';
import { useMoto } from '../helpers/moto.ts';
import { startProxy, type WireCall, type WireProxy } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';
import { createStateStore } from '../helpers/state-store.ts';
import { resourceOf, stateOf } from '../terraform/state/states.ts';

const Bucket = 'abcdef-terraform-state';
const TableName = 'abcdef-terraform-locking';
const KEY = 'github-oidc/terraform.tfstate';

const state = (serial: number, lineage = 'ours') =>
  JSON.stringify(
    stateOf({ serial, lineage, resources: [resourceOf(`aws_sqs_queue.q${serial}`, { id: `${serial}` })] }),
  );

describeWith('moto', 'crc state in trouble', () => {
  const moto = useMoto();
  let proxy: WireProxy;
  let cwd: string;
  beforeAll(async () => {
    proxy = await startProxy(moto().endpoint);
  });
  afterAll(() => proxy.stop());
  beforeEach(async () => {
    cwd = writeConfig(backendConfig());
    proxy.intercept = async () => 'pass';
    proxy.calls.length = 0;
    await createStateStore(moto().clients, Bucket, TableName);
  });

  const run = (...args: string[]) =>
    runCli(['state', ...args], { cwd, env: { ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint } });
  const problems = async () => {
    const { stdout } = await run('check', '--json');
    return JSON.parse(stdout).problems as readonly {
      readonly id: string;
      readonly key: string;
      readonly fix: string;
    }[];
  };
  async function item(LockID: string, parts: Readonly<Record<string, string>>): Promise<void> {
    const values = Object.entries(parts).map(([name, S]) => [name, { S }]);
    const Item = { LockID: { S: LockID }, ...Object.fromEntries(values) };
    await moto().clients.dynamodb.send(new PutItemCommand({ TableName, Item }));
  }
  async function put(Body: string | Buffer, Key = KEY): Promise<void> {
    await moto().clients.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    await item(`${Bucket}/${Key}-md5`, { Digest: createHash('md5').update(Body).digest('hex') });
  }
  const lock = (created: string, Version = '1.11.4') =>
    JSON.stringify({ ID: 'lock-1', Operation: 'OperationTypeApply', Who: 'me@laptop', Version, Created: created });
  const isDigest = ({ name, body }: WireCall) => name === 'PutItem' && body.includes('-md5');
  function refuse(response: ServerResponse): 'handled' {
    const body = { __type: 'com.amazonaws#ExpiredTokenException', message: 'The security token is expired' };
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    return 'handled';
  }

  it('says all that is left to do when credentials expire between the write and the digest', async () => {
    for (const serial of [1, 2]) await put(state(serial));
    let expired = false;
    proxy.intercept = async (call, _, response) => {
      expired ||= isDigest(call);
      return expired ? refuse(response) : 'pass';
    };
    const { code, stderr } = await run('restore', KEY, '~1', '--yes');
    const words = stderr.replaceAll(/\s+/g, ' ');
    expect(code).toBe(1);
    expect(words).toContain(`${KEY} was restored, but its digest in the lock table could not be set`);
    expect(words).toMatch(/The lock [\w-]+ on \S+ could not be released/);
    expect(words).toMatch(new RegExp(`crc state unlock ${KEY} --force [\\w-]+`));
    expect(words).toContain('crc state check --fix');
  });

  it('says that the state was restored when only the lock could not be given back', async () => {
    for (const serial of [1, 2]) await put(state(serial));
    proxy.intercept = async ({ name }, _, response) => (name === 'DeleteItem' ? refuse(response) : 'pass');
    const { code, stderr } = await run('restore', KEY, '~1', '--yes');
    expect(code).toBe(1);
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(/was restored, as version \S+\. The lock [\w-]+ on/);
  });

  it('shows the version of Terraform that holds the lock', async () => {
    await put(state(1));
    await item(`${Bucket}/${KEY}`, { Info: lock(new Date().toISOString()) });
    const { stderr } = await run('unlock', KEY);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain('(apply, version 1.11.4, lock ID lock-1)');
  });

  it("finds another project's state that was written more than once", async () => {
    for (const serial of [1, 2]) await put(state(serial));
    for (const serial of [1, 2, 3]) await put(state(serial, 'theirs'));
    expect((await problems()).map(({ id }) => id)).toEqual(['other-lineage']);
  });

  it('takes a state that was deleted and created anew for a new one', async () => {
    for (const serial of [1, 2]) await put(state(serial));
    const written = Date.now();
    await expect.poll(() => Date.now() - written, { timeout: 5_000 }).toBeGreaterThan(1_000);
    await moto().clients.s3.send(new DeleteObjectCommand({ Bucket, Key: KEY }));
    // S3 lists markers apart, and tells their order by times of a second.
    const deleted = Date.now();
    await expect.poll(() => Date.now() - deleted, { timeout: 5_000 }).toBeGreaterThan(1_000);
    for (const serial of [1, 2, 3]) await put(state(serial, 'new'));
    expect(await problems()).toEqual([]);
  });

  it('takes no apply that writes meanwhile for a digest that is another', async () => {
    await put(state(1));
    let written = false;
    proxy.intercept = async ({ name }) => {
      // The bucket was listed, and Terraform is faster than the scan of the table.
      if (name === 'Scan' && !written) {
        written = true;
        await expect.poll(() => proxy.calls.some(({ path }) => path.includes('versionId='))).toBe(false);
        await put(state(2));
      }
      return 'pass';
    };
    expect(await problems()).toEqual([]);
    expect(written).toBe(true);
  });

  it('names the command that releases an old lock, and no lock of another bucket', async () => {
    await put(state(1));
    await item(`${Bucket}/${KEY}`, { Info: lock('2026-11-20T10:00:00Z') });
    await item('another-bucket/a.tfstate', { Info: lock('2026-11-20T10:00:00Z') });
    await item(`${Bucket}/env:/dev/first apply.tfstate`, {});
    const found = await problems();
    expect(found.map(({ id, fix }) => [id, /`[^`]*`/.exec(fix)?.[0]])).toEqual([
      ['unreadable-lock', "`crc state unlock 'first apply.tfstate' --workspace dev`"],
      ['old-lock', `\`crc state unlock ${KEY}\``],
    ]);
    // A lock that was written by half goes by its place.
    const words = ['unlock', 'first apply.tfstate', '--workspace', 'dev'];
    const name = /--force '([^']+)'/.exec((await run(...words)).stderr.replaceAll(/\s+/g, ' '))?.[1] ?? '';
    expect((await run(...words, '--force', name)).code).toBe(0);
  });

  it('takes a declared state of its own for no second state of a workspace', async () => {
    const config = backendConfig();
    config.roles[0].state.push({ key: 'app/dev/a.tfstate', access: 'write' }, { key: 'a.tfstate', access: 'write' });
    cwd = writeConfig(config);
    for (const key of ['app/dev/a.tfstate', 'env:/dev/a.tfstate']) await put(state(1), key);
    expect(await problems()).toEqual([]);
    await put(state(1), 'old-prefix/dev/a.tfstate');
    expect((await problems()).map(({ id }) => id)).toEqual(['same-workspace', 'undeclared-state']);
  });

  it('reads no more of an archive beside the states than its start', async () => {
    await put(state(1));
    await moto().clients.s3.send(
      new PutObjectCommand({ Bucket, Key: 'lambda.zip', Body: Buffer.concat([Buffer.from('PK'), Buffer.alloc(9e6)]) }),
    );
    proxy.calls.length = 0;
    expect((await run('list')).code).toBe(0);
    expect(proxy.calls.filter(({ path }) => path.includes('lambda.zip'))).toHaveLength(1);
  });

  it.each([
    ['of one key', 'history', () => KEY],
    ['of many keys', 'list', (index: number) => `states/${String(index).padStart(5, '0')}.tfstate`],
  ])(
    'reads 10,000 versions %s page by page, in 200 MiB, and says how far it is',
    async (_, verb, keyOf) => {
      await put(state(1));
      const body = state(1);
      const answer = {
        'content-length': body.length,
        'x-amz-request-id': 'R',
        etag: '"e"',
        'last-modified': new Date(0).toUTCString(),
      };
      let pages = 0;
      proxy.intercept = async ({ method, path }, __, response) => {
        const query = new URL(path, 'http://s3').searchParams;
        if (method !== 'GET' || !path.startsWith(`/${Bucket}`)) return 'pass';
        if (query.has('versions')) {
          pages += 1;
          response
            .writeHead(200, { 'content-type': 'application/xml', 'x-amz-request-id': 'R' })
            .end(page(Number(query.get('version-id-marker') ?? 0), keyOf));
          return 'handled';
        }
        if (!query.has('versionId')) return 'pass';
        response.writeHead(200, answer).end(body);
        return 'handled';
      };
      const file = join(cwd, 'memory');
      const meter = join(cwd, 'meter.mjs');
      writeFileSync(
        meter,
        `import { writeFileSync } from 'node:fs';
       process.on('exit', () => writeFileSync(${JSON.stringify(file)}, String(process.resourceUsage().maxRSS)));`,
      );
      const { code, stdout, stderr } = await spawnCli(['state', verb, '--json'], {
        cwd,
        env: { ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint, NODE_OPTIONS: `--import=${meter}` },
      });
      expect(code === 0 ? '' : stderr).toBe('');
      const document = JSON.parse(stdout);
      expect(document.error).toBeUndefined();
      expect([pages, (document.versions ?? document.states).length]).toEqual([10, 10_000]);
      expect(stderr).toContain('listed 2000 versions');
      expect(stderr).toContain('read 9500 of 10000 versions');
      expect(Number(readFileSync(file, 'utf8')) / 1024).toBeLessThan(200);
    },
    180_000,
  );

  /** One of ten pages of a list of versions, as S3 writes it. */
  function page(from: number, keyOf: (index: number) => string): string {
    const entries = Array.from({ length: 1_000 }, (_, index) => {
      const [at, isLatest] = [from + index, from + index === 0 || keyOf(1) !== keyOf(0)];
      const time = new Date(Date.UTC(2026, 10, 20) - at * 60_000).toISOString();
      return `<Version><Key>${keyOf(at)}</Key><VersionId>${at + 1}</VersionId><IsLatest>${isLatest}</IsLatest><LastModified>${time}</LastModified><ETag>"e${at}"</ETag><Size>${state(1).length}</Size></Version>`;
    });
    const next = from + 1_000;
    const marker = `<NextKeyMarker>${keyOf(next - 1)}</NextKeyMarker><NextVersionIdMarker>${next}</NextVersionIdMarker>`;
    return `<?xml version="1.0"?><ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${Bucket}</Name><IsTruncated>${next < 10_000}</IsTruncated>${next < 10_000 ? marker : ''}${entries.join('')}</ListVersionsResult>`;
  }
});
