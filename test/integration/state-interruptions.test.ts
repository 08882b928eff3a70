import type { ServerResponse } from 'node:http';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { backendConfig } from '../helpers/configs.ts';
import type { WireCall } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';
import { KEY, lockInfo, TABLE } from '../helpers/state-bench.ts';
import { useStateProject } from '../helpers/state-project.ts';
import { resourceOf, stateOf } from '../terraform/state/states.ts';

const state = (serial: number, lineage = 'ours') =>
  JSON.stringify(
    stateOf({ serial, lineage, resources: [resourceOf(`aws_sqs_queue.q${serial}`, { id: `${serial}` })] }),
  );

describeWith('moto', 'crc state with interrupted or concurrent writes', () => {
  const { moto, proxy, use, run: crc, json, putObject, put, lockItem, remove } = useStateProject();
  const run = (...args: string[]) => crc('state', ...args);
  const problems = async (): Promise<readonly { readonly id: string; readonly fix: string }[]> =>
    (await json('check')).problems;
  const isDigest = ({ name, body }: WireCall) => name === 'PutItem' && body.includes('-md5');
  function refuse(response: ServerResponse): 'handled' {
    const body = { __type: 'com.amazonaws#ExpiredTokenException', message: 'The security token is expired' };
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    return 'handled';
  }

  it('lists everything left to do when credentials expire between the write and the digest', async () => {
    for (const serial of [1, 2]) await put(state(serial));
    let expired = false;
    proxy().intercept = async (call, _, response) => {
      expired ||= isDigest(call);
      return expired ? refuse(response) : 'pass';
    };
    const { code, stderr } = await run('restore', KEY, '~1', '--yes');
    const output = stderr.replaceAll(/\s+/g, ' ');
    expect(code).toBe(1);
    expect(output).toContain(`${KEY} was restored, but its digest in the lock table could not be set`);
    expect(output).toMatch(/The lock [\w-]+ on \S+ could not be released/);
    expect(output).toMatch(new RegExp(`crc state unlock ${KEY} --force [\\w-]+`));
    expect(output).toContain('crc state check --fix');
  });

  it('says that the state was restored when only the lock could not be released', async () => {
    for (const serial of [1, 2]) await put(state(serial));
    proxy().intercept = async ({ name }, _, response) => (name === 'DeleteItem' ? refuse(response) : 'pass');
    const { code, stderr } = await run('restore', KEY, '~1', '--yes');
    expect(code).toBe(1);
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(/was restored, as version \S+\. The lock [\w-]+ on/);
  });

  it('shows the version of Terraform that holds the lock', async () => {
    await put(state(1));
    await lockItem(lockInfo('lock-1', new Date().toISOString()));
    const { stderr } = await run('unlock', KEY);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain('(apply, version 1.11.4, lock ID lock-1)');
  });

  it("finds another project's state that was written more than once", async () => {
    for (const serial of [1, 2]) await put(state(serial));
    for (const serial of [1, 2, 3]) await put(state(serial, 'theirs'));
    expect((await problems()).map(({ id }) => id)).toEqual(['other-lineage']);
  });

  it('treats a state that was deleted and recreated as a new one', async () => {
    for (const serial of [1, 2]) await put(state(serial));
    const writtenAt = Date.now();
    await expect.poll(() => Date.now() - writtenAt, { timeout: 5_000 }).toBeGreaterThan(1_000);
    await remove();
    // S3 lists delete markers separately and only has timestamps in seconds.
    const deletedAt = Date.now();
    await expect.poll(() => Date.now() - deletedAt, { timeout: 5_000 }).toBeGreaterThan(1_000);
    for (const serial of [1, 2, 3]) await put(state(serial, 'new'));
    expect(await problems()).toEqual([]);
  });

  it('does not mistake a concurrent apply for a mismatched digest', async () => {
    await put(state(1));
    let isWritten = false;
    proxy().intercept = async ({ name }) => {
      // Terraform writes after the bucket was listed and before the table is scanned.
      if (name === 'Scan' && !isWritten) {
        isWritten = true;
        await expect.poll(() => proxy().calls.some(({ path }) => path.includes('versionId='))).toBe(false);
        await put(state(2));
      }
      return 'pass';
    };
    expect(await problems()).toEqual([]);
    expect(isWritten).toBe(true);
  });

  it('names the command that releases an old lock, and ignores locks of other buckets', async () => {
    await put(state(1));
    await lockItem(lockInfo('lock-1', '2026-11-20T10:00:00Z'));
    await moto().clients.dynamodb.send(
      new PutItemCommand({
        TableName: TABLE,
        Item: { LockID: { S: 'another-bucket/a.tfstate' }, Info: { S: lockInfo('lock-1') } },
      }),
    );
    await lockItem(undefined, 'env:/dev/first apply.tfstate');
    const reported = await problems();
    expect(reported.map(({ id, fix }) => [id, /`[^`]*`/.exec(fix)?.[0]])).toEqual([
      ['unreadable-lock', "`crc state unlock 'first apply.tfstate' --workspace dev`"],
      ['old-lock', `\`crc state unlock ${KEY}\``],
    ]);
    // A truncated lock has no id, so it is identified by its state and workspace.
    const args = ['unlock', 'first apply.tfstate', '--workspace', 'dev'];
    const name = /--force '([^']+)'/.exec((await run(...args)).stderr.replaceAll(/\s+/g, ' '))?.[1] ?? '';
    expect((await run(...args, '--force', name)).code).toBe(0);
  });

  it('does not mistake a declared state for a second state of a workspace', async () => {
    const config = backendConfig();
    config.roles[0].state.push({ key: 'app/dev/a.tfstate', access: 'write' }, { key: 'a.tfstate', access: 'write' });
    use(config);
    for (const key of ['app/dev/a.tfstate', 'env:/dev/a.tfstate']) await put(state(1), key);
    expect(await problems()).toEqual([]);
    await put(state(1), 'old-prefix/dev/a.tfstate');
    expect((await problems()).map(({ id }) => id)).toEqual(['same-workspace', 'undeclared-state']);
  });

  it('reads only the start of an archive next to the states', async () => {
    await put(state(1));
    await putObject(Buffer.concat([Buffer.from('PK'), Buffer.alloc(9e6)]), 'lambda.zip');
    proxy().calls.length = 0;
    expect((await run('list')).code).toBe(0);
    expect(proxy().calls.filter(({ path }) => path.includes('lambda.zip'))).toHaveLength(1);
  });
});
