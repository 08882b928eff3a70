import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli.ts';
import { withInterruption } from '../../src/commands/interruption.ts';
import { Cancelled, CrcError } from '../../src/errors.ts';
import { confirm } from '../../src/ui/confirm.ts';
import type { Io } from '../../src/ui/io.ts';
import { EXAMPLE } from '../helpers/cli.ts';
import { ACCOUNT, REGION } from '../helpers/context.ts';
import { errorDocumentSchema } from '../helpers/documents.ts';
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
let account: string;

beforeEach(() => {
  iam = fakeIam(ACCOUNT);
  account = ACCOUNT;
  aws = fakeAws({
    s3: fakeS3(ACCOUNT, REGION).handlers,
    dynamodb: fakeDynamoDb({ busy: 0 }).handlers,
    iam: iam.handlers,
    lambda: fakeLambda({ busy: 0 }).handlers,
    logs: fakeLogs().handlers,
    sts: { GetCallerIdentity: () => ({ Account: account, Arn: `arn:aws:iam::${account}:user/me` }) },
  });
  current.clients = aws.clients;
});
afterEach(() => {
  vi.mocked(confirm).mockReset();
});

async function crc(line: string, overrides: Partial<Io> = {}) {
  const { io, out, err } = captureIo({ interactive: true, outColumns: 80, ...overrides });
  const code = await run(['node', 'crc', ...line.split(' '), '--config', EXAMPLE], io);
  return { code, out: out(), err: err(), writes: aws.calls.filter(isWrite).length };
}

describe('a prompt', () => {
  it('first shows the plan and irreversible changes, and writes nothing after a no: exit 1', async () => {
    vi.mocked(confirm).mockResolvedValue(false);
    const { code, out, err, writes } = await crc('bootstrap');
    expect([code, writes]).toEqual([1, 0]);
    expect(out).toMatch(/Cannot be undone\n[\s\S]*COMPLIANCE[\s\S]*10 to create/);
    expect(err).toMatch(/\nCancelled\. No changes were made\.\n$/);
    expect(err).not.toContain('error:');
    expect(confirm).toHaveBeenCalledExactlyOnceWith(
      'Apply these changes in account 123456789012?',
      expect.any(AbortSignal),
    );
  });

  it('writes after a yes', async () => {
    vi.mocked(confirm).mockResolvedValue(true);
    const { code, out, writes } = await crc('bootstrap');
    expect([code, out]).toEqual([0, expect.stringContaining('Done. 10 created, 0 changed.')]);
    expect(writes).toBeGreaterThan(0);
    expect(confirm).toHaveBeenCalledTimes(1);
  });

  it('writes nothing when the credentials are for another account after the answer: exit 1', async () => {
    vi.mocked(confirm).mockImplementationOnce(async () => {
      account = '999999999999';
      return true;
    });
    const { code, err, writes } = await crc('bootstrap');
    expect([code, writes]).toEqual([1, 0]);
    expect(err).toContain(`account 999999999999 now, account ${ACCOUNT} before`);
  });

  const WITHOUT_TERMINAL: Partial<Io> = { interactive: false, outColumns: undefined };
  const CI: Partial<Io> = { env: { CI: 'true' } };
  const LOCAL = '--endpoint-url http://127.0.0.1:5000';

  it.each<[string, string, Partial<Io>]>([
    ['on a terminal', 'bootstrap --yes', {}],
    ['in a pipe', 'bootstrap --yes', WITHOUT_TERMINAL],
    ['in CI', 'bootstrap --yes', CI],
    ['for a program', 'bootstrap --yes --json', {}],
    ['for a program in a pipe', 'bootstrap --yes --json', WITHOUT_TERMINAL],
  ])('is skipped with --yes %s, and crc writes', async (_, line, io) => {
    const { code, writes } = await crc(line, io);
    expect([code, writes > 0]).toEqual([0, true]);
    expect(confirm).not.toHaveBeenCalled();
  });

  it.each<[string, string, Partial<Io>]>([
    ['in a pipe', 'bootstrap', WITHOUT_TERMINAL],
    ['in CI, though it has a terminal', 'bootstrap', CI],
    ['for a program on a terminal', 'bootstrap --json', {}],
    ['for a program on a terminal, at an endpoint on this machine', `bootstrap --json ${LOCAL}`, {}],
    ['for a program in a pipe', 'bootstrap --json', WITHOUT_TERMINAL],
    ['in a pipe, at a different endpoint', 'bootstrap --endpoint-url http://10.0.0.1:5000', WITHOUT_TERMINAL],
    [
      'in a pipe, at an endpoint that only looks local',
      'bootstrap --endpoint-url http://localhost.evil.com',
      WITHOUT_TERMINAL,
    ],
  ])('is impossible %s: nothing is written, exit 1, and the message names the flag', async (_, line, io) => {
    const { code, out, err, writes } = await crc(line, io);
    expect([code, writes]).toEqual([1, 0]);
    expect(confirm).not.toHaveBeenCalled();
    if (!line.includes('--json')) {
      expect(out).toContain('10 to create.');
      expect(err).toMatch(/error: No changes were made.*\nPass --yes to apply/);
      return;
    }
    const { error } = errorDocumentSchema.parse(JSON.parse(out));
    expect(`${error.message} ${error.hint}`).toMatch(/No changes were made.* Pass --yes to apply/);
  });

  it.each<[string, string, Partial<Io>]>([
    ['in a pipe', `bootstrap ${LOCAL}`, WITHOUT_TERMINAL],
    ['in CI', `bootstrap ${LOCAL}`, CI],
    ['for a program in a pipe', `bootstrap --json ${LOCAL}`, WITHOUT_TERMINAL],
  ])('is not needed %s at an endpoint on this machine', async (_, line, io) => {
    const { code, writes } = await crc(line, io);
    expect([code, writes > 0]).toEqual([0, true]);
    expect(confirm).not.toHaveBeenCalled();
  });

  it('where it is impossible, the advised plan is that of the run', async () => {
    const { err } = await crc('bootstrap --adopt --only lock-table', WITHOUT_TERMINAL);
    expect(err).toMatch(/`crc bootstrap .*--dry-run --adopt --only lock-table` shows them\./);
  });

  it('is also shown in a terminal at an endpoint on this machine', async () => {
    vi.mocked(confirm).mockResolvedValue(false);
    expect(await crc(`bootstrap ${LOCAL}`)).toMatchObject({ code: 1, writes: 0 });
    expect(confirm).toHaveBeenCalledTimes(1);
  });

  it('CI=false does not count as CI', async () => {
    vi.mocked(confirm).mockResolvedValue(true);
    expect((await crc('bootstrap', { env: { CI: 'false' } })).code).toBe(0);
    expect(confirm).toHaveBeenCalledTimes(1);
  });

  it('is not needed by deploy-function, whose name implies consent', async () => {
    const { writes } = await crc('deploy-function --no-smoke-test', { interactive: false });
    expect(writes).toBeGreaterThan(0);
  });

  it('does not count towards the run time', async () => {
    const hour = 3_600_000;
    let waited = 0;
    const uptime = process.uptime.bind(process);
    const clock = vi.spyOn(process, 'uptime').mockImplementation(() => uptime() + waited / 1_000);
    vi.mocked(confirm).mockImplementation(async () => {
      waited += hour;
      return true;
    });
    const { err } = await crc('bootstrap');
    clock.mockRestore();
    const [, seconds = ''] = /writes, ([\d.]+) s\n/.exec(err) ?? [];
    expect([waited, Number(seconds) < 3_600]).toEqual([hour, true]);
  });

  it('is not shown without changes', async () => {
    await crc('bootstrap --yes');
    expect((await crc('bootstrap', WITHOUT_TERMINAL)).code).toBe(0);
    expect(await crc('bootstrap')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/No changes\. Your account matches .*config\.example\.json\.\n$/),
    });
    expect((await crc('bootstrap --dry-run')).code).toBe(0);
    expect(confirm).not.toHaveBeenCalled();
  });

  it('shows the plan on the terminal when stdout is a file', async () => {
    vi.mocked(confirm).mockResolvedValue(false);
    expect((await crc('bootstrap', { outColumns: undefined })).err).toContain('10 to create.');
  });

  it('is repeated with the new plan if the account changed during the prompt', async () => {
    vi.mocked(confirm)
      .mockImplementationOnce(async () => {
        iam.roles.set('GitHubActionsTerraformRole', { trust: '{}', tags: [], inline: new Map(), attached: [] });
        return true;
      })
      .mockResolvedValueOnce(false);
    const { code, out, err, writes } = await crc('bootstrap');
    expect([code, writes]).toEqual([1, 0]);
    expect(err).toContain('The account has changed since. This is the plan now:');
    expect(out).toContain('Plan: 9 to create, 1 needs --adopt.');
    expect(confirm).toHaveBeenCalledTimes(2);
  });

  it.each([[1], [130]] as const)(
    'for an MFA code that is not answered ends with %i, with --json too',
    async (expected) => {
      aws.fail('GetCallerIdentity', new Cancelled(expected));
      const { code, out, err } = await crc('verify');
      expect([code, out]).toEqual([expected, '']);
      expect(err).toContain('Cancelled. No changes were made.');
      const json = await crc('verify --json');
      const { command, error } = errorDocumentSchema.parse(JSON.parse(json.out));
      expect([json.code, command, error.message]).toEqual([expected, 'verify', 'Cancelled. No changes were made.']);
    },
  );

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('that %s ends is shown where errors are, which is a document with --json', async (name, exitCode) => {
    const { io, err } = captureIo({});
    const stopped = withInterruption(io, async ({ signal }) => {
      process.emit(name, name);
      signal.throwIfAborted();
      return 0;
    });
    await expect(stopped).rejects.toEqual(new Cancelled(exitCode));
    await expect(stopped).rejects.toMatchObject({ exitCode });
    expect(err()).not.toContain('Cancelled');
  });

  it('an error after a signal keeps all that it says', async () => {
    const advice = { hint: 'To build it:', alternatives: ['Install b.'], details: ['a.ts:1'] };
    const stopped = withInterruption(captureIo({}).io, async () => {
      process.emit('SIGINT', 'SIGINT');
      throw new CrcError('It does not build.', advice);
    });
    await expect(stopped).rejects.toMatchObject({ message: 'It does not build.', ...advice, exitCode: 130 });
  });

  it('exits with 130 when it is interrupted', async () => {
    vi.mocked(confirm).mockImplementationOnce(async (_, signal) => {
      process.emit('SIGINT');
      signal?.throwIfAborted();
      return true;
    });
    const { code, err, writes } = await crc('bootstrap');
    expect([code, writes]).toEqual([130, 0]);
    expect(err).toContain('Cancelled. No changes were made.');
    expect(process.listenerCount('SIGINT')).toBe(0);
  });
});

it.each(['bootstrap', 'verify --only lock-table', 'verify --only lock-table --json'])(
  '%s that is interrupted when it is done says so',
  async (line) => {
    await crc('bootstrap --yes');
    let interrupted = false;
    const { code, err } = await crc(line, {
      out() {
        if (!interrupted) process.emit('SIGINT');
        interrupted = true;
      },
    });
    expect(code).toBe(130);
    expect(err).toContain('It was done before it could be stopped.');
    expect(err).not.toContain('Run the command again');
  },
);
