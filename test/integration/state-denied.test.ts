import { expect, it } from 'vitest';
import { backendConfig } from '../helpers/configs.ts';
import { describeWith } from '../helpers/require.ts';
import { KEY, lockInfo } from '../helpers/state-bench.ts';
import { useStateProject } from '../helpers/state-project.ts';
import { resourceOf, stateOf } from '../terraform/state/states.ts';

const state = (serial: number) =>
  JSON.stringify(
    stateOf({ serial, lineage: 'ours', resources: [resourceOf(`aws_sqs_queue.q${serial}`, { id: `${serial}` })] }),
  );

describeWith('moto', 'crc state without some permissions', () => {
  const { proxy, use, run: crc, put, putObject, locks, lockItem, lockFile } = useStateProject();

  /** AWS denies these calls, those on one path only. */
  function deny(operations: readonly string[], path = '') {
    proxy().intercept = async ({ operation = '', path: requested }, _, response) => {
      if (!operations.includes(operation) || !requested.includes(path)) return 'pass';
      const isS3 = operation.startsWith('s3:');
      const message = `User: arn:aws:iam::123456789012:user/me is not authorized to perform: ${operation}`;
      response
        .writeHead(isS3 ? 403 : 400, { 'content-type': isS3 ? 'application/xml' : 'application/x-amz-json-1.0' })
        .end(
          isS3
            ? `<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`
            : JSON.stringify({ __type: 'AccessDeniedException', message }),
        );
      return 'handled';
    };
  }

  async function restored(): Promise<string> {
    for (const serial of [1, 2]) await put(state(serial));
    const { code, stderr } = await crc('state', 'restore', KEY, '~1', '--yes');
    expect(code).toBe(1);
    return stderr.replaceAll(/\s+/g, ' ');
  }

  it('restore says nothing of releasing a lock that AWS refused to write', async () => {
    deny(['dynamodb:PutItem', 'dynamodb:GetItem']);
    const output = await restored();
    expect(output).toContain('Access denied: dynamodb:PutItem');
    expect(output).toContain('No changes were made.');
    expect(output).toContain('`crc permissions state` prints all permissions that this command needs.');
    expect(output).not.toContain('released');
  });

  it('restore releases its lock in the table although it may not read the lock file', async () => {
    deny(['s3:GetObject'], '.tflock');
    expect(await restored()).toMatch(/Access denied: s3:GetObject .* No changes were made\./);
    expect(await locks()).toEqual([]);
  });

  it('restore releases its lock file although it may not use the table', async () => {
    const config = backendConfig();
    config.lockTable.lockFile = true;
    use(config);
    deny(['dynamodb:PutItem', 'dynamodb:GetItem']);
    expect(await restored()).toContain('Access denied: dynamodb:PutItem');
    expect(await locks()).toEqual([]);
  });

  it('restore names the first failure, the lock that is left, and what it takes to release it', async () => {
    deny(['s3:GetObject', 'dynamodb:DeleteItem'], '');
    for (const serial of [1, 2]) await putObject(state(serial));
    // The states themselves are readable.
    const denied = proxy().intercept;
    proxy().intercept = async (call, request, response) =>
      call.path.includes('versionId=') ? 'pass' : await denied(call, request, response);
    const { code, stderr } = await crc('state', 'restore', KEY, '~1', '--yes');
    const output = stderr.replaceAll(/\s+/g, ' ');
    expect(code).toBe(1);
    expect(output).toMatch(/Access denied: s3:GetObject .*could not be released: Access denied: dynamodb:DeleteItem/);
    expect(output).toContain('`crc permissions state` prints all permissions that this command needs.');
    expect(output).toMatch(/Allow dynamodb:DeleteItem .* Then release it: .*crc state unlock \S+ --force/);
  });

  it.each([
    ['the table', 'was locked by another process', () => lockItem(lockInfo('theirs'))],
    ['a lock file that the config does not have', 'me@laptop', () => lockFile(lockInfo('theirs'))],
  ] as const)('restore says who holds %s, although it may not release its own lock', async (where, held, lock) => {
    const config = backendConfig();
    config.lockTable.lockFile = where === 'the table';
    use(config);
    await lock();
    deny(['s3:DeleteObject', 'dynamodb:DeleteItem']);
    const output = await restored();
    expect(output).toMatch(new RegExp(`${held}.* No changes were made\\. The lock \\S+ on .*could not be released`));
  });

  it.each([
    [['list'], 'dynamodb:Scan', 'state-check'],
    [['history'], 's3:ListObjectVersions', 'state-check'],
    [['check'], 's3:ListObjectVersions', 'state-check'],
    [['unlock', KEY], 'dynamodb:GetItem', 'state'],
  ] as const)('%s says which permissions it needs', async (args, operation, command) => {
    await put(state(1));
    deny([operation]);
    const { code, stderr } = await crc('state', ...args);
    expect([code, stderr.replaceAll(/\s+/g, ' ')]).toEqual([
      1,
      expect.stringContaining(`\`crc permissions ${command}\` prints all permissions that this command needs.`),
    ]);
  });
});
