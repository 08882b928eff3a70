import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli.ts';
import { confirm } from '../../src/ui/confirm.ts';
import type { Io } from '../../src/ui/io.ts';
import { EXAMPLE } from '../helpers/cli.ts';
import { ACCOUNT, REGION } from '../helpers/context.ts';
import { type FakeAws, fakeAws, isWrite } from '../helpers/fake-aws.ts';
import { fakeDynamoDb } from '../helpers/fake-dynamodb.ts';
import { fakeIam } from '../helpers/fake-iam.ts';
import { fakeLambda } from '../helpers/fake-lambda.ts';
import { fakeLogs } from '../helpers/fake-logs.ts';
import { fakeS3 } from '../helpers/fake-s3.ts';
import { captureIo } from '../helpers/io.ts';

vi.mock('../../src/ui/confirm.ts', () => ({ confirm: vi.fn() }));
const { current } = vi.hoisted(() => ({ current: { clients: undefined as unknown } }));
vi.mock('../../src/aws/clients.ts', () => ({ createClients: () => current.clients }));

let aws: FakeAws;
let iam: ReturnType<typeof fakeIam>;

beforeEach(() => {
  iam = fakeIam(ACCOUNT);
  aws = fakeAws({
    s3: fakeS3(ACCOUNT, REGION).handlers,
    dynamodb: fakeDynamoDb({ busy: 0 }).handlers,
    iam: iam.handlers,
    lambda: fakeLambda({ busy: 0 }).handlers,
    logs: fakeLogs().handlers,
    sts: { GetCallerIdentity: () => ({ Account: ACCOUNT, Arn: 'arn:aws:iam::123456789012:user/me' }) },
  });
  current.clients = aws.clients;
});
afterEach(() => {
  vi.mocked(confirm).mockReset();
});

async function crc(line: string, with_: Partial<Io> = {}) {
  const { io, out, err } = captureIo({ interactive: true, outColumns: 80, ...with_ });
  const code = await run(['node', 'crc', ...line.split(' '), '--config', EXAMPLE], io);
  return { code, out: out(), err: err(), writes: aws.calls.filter(isWrite).length };
}

describe('asking', () => {
  it('shows the plan and what cannot be undone first, and writes nothing on a no: exit 1', async () => {
    vi.mocked(confirm).mockResolvedValue(false);
    const { code, out, err, writes } = await crc('bootstrap');
    expect([code, writes]).toEqual([1, 0]);
    expect(out).toMatch(/Cannot be undone\n.*COMPLIANCE[\s\S]*10 to create/);
    expect(err).toContain('Nothing was changed: you said no.');
    expect(confirm).toHaveBeenCalledExactlyOnceWith(
      'Make these changes in account 123456789012?',
      expect.any(AbortSignal),
    );
  });

  it('writes on a yes', async () => {
    vi.mocked(confirm).mockResolvedValue(true);
    const { code, out, writes } = await crc('bootstrap');
    expect([code, out]).toEqual([0, expect.stringContaining('Converged.')]);
    expect(writes).toBeGreaterThan(0);
    expect(confirm).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['--yes', 'bootstrap --yes', {}],
    ['--json', 'bootstrap --json', {}],
    ['no terminal', 'bootstrap', { interactive: false }],
  ])('is not done with %s: the config is the consent', async (_, line, io) => {
    expect((await crc(line, io)).code).toBe(0);
    expect(confirm).not.toHaveBeenCalled();
  });

  it('is not done when there is nothing to write', async () => {
    await crc('bootstrap --yes');
    expect(await crc('bootstrap')).toMatchObject({ code: 0, out: expect.stringContaining('Nothing to do.') });
    expect((await crc('bootstrap --dry-run')).code).toBe(0);
    expect(confirm).not.toHaveBeenCalled();
  });

  it('shows the plan on the terminal when stdout is a file', async () => {
    vi.mocked(confirm).mockResolvedValue(false);
    expect((await crc('bootstrap', { outColumns: undefined })).err).toContain('10 to create.');
  });

  it('is done again, with the new plan, when the account changed while it waited', async () => {
    vi.mocked(confirm)
      .mockImplementationOnce(async () => {
        iam.roles.set('GitHubActionsTerraformRole', { trust: '{}', tags: [], inline: new Map(), attached: [] });
        return true;
      })
      .mockResolvedValueOnce(false);
    const { code, out, err, writes } = await crc('bootstrap');
    expect([code, writes]).toEqual([1, 0]);
    expect(err).toContain('The account has changed in the meantime');
    expect(out).toContain('9 to create, 1 in conflict.');
    expect(confirm).toHaveBeenCalledTimes(2);
  });

  it('ends with 130 when the question is interrupted', async () => {
    vi.mocked(confirm).mockImplementationOnce(async (_, signal) => {
      process.emit('SIGINT');
      signal.throwIfAborted();
      return true;
    });
    const { code, err, writes } = await crc('bootstrap');
    expect([code, writes]).toEqual([130, 0]);
    expect(err).toContain('Cancelled. No changes were made.');
    expect(process.listenerCount('SIGINT')).toBe(0);
  });
});
