import { beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli.ts';
import { askLine } from '../../src/ui/confirm.ts';
import type { Io } from '../../src/ui/io.ts';
import { project } from '../helpers/configs.ts';
import { ACCOUNT, REGION } from '../helpers/context.ts';
import { type FakeAws, fakeAws, isWrite } from '../helpers/fake-aws.ts';
import { fakeDynamoDb } from '../helpers/fake-dynamodb.ts';
import { fakeIam } from '../helpers/fake-iam.ts';
import { fakeLambda } from '../helpers/fake-lambda.ts';
import { fakeLogs } from '../helpers/fake-logs.ts';
import { fakeS3 } from '../helpers/fake-s3.ts';
import { captureIo } from '../helpers/io.ts';

vi.mock('../../src/ui/confirm.ts', () => ({ askLine: vi.fn(), confirm: vi.fn() }));
const { current } = vi.hoisted(() => ({ current: { clients: undefined as unknown } }));
vi.mock('../../src/aws/clients.ts', () => ({ createClients: () => current.clients }));

let aws: FakeAws;
let cwd: string;

beforeEach(async () => {
  vi.mocked(askLine).mockReset();
  const s3 = fakeS3(ACCOUNT, REGION);
  const iam = fakeIam(ACCOUNT);
  aws = fakeAws({
    s3: s3.handlers,
    dynamodb: fakeDynamoDb({ busy: 0 }).handlers,
    iam: { ...iam.handlers, ListRoles: () => ({ Roles: [], IsTruncated: false }) },
    sts: { GetCallerIdentity: () => ({ Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:user/me` }) },
    lambda: fakeLambda({ busy: 0 }).handlers,
    logs: fakeLogs().handlers,
  });
  current.clients = aws.clients;
  cwd = project();
  await crc(['bootstrap', '--yes', '--json']);
});

async function crc(args: readonly string[], with_: Partial<Io> = {}) {
  aws.calls.length = 0;
  const { io, out, err } = captureIo({ cwd, ...with_ });
  const code = await run(['node', 'crc', ...args], io);
  return { code, out: out(), err: err(), writes: aws.calls.filter(isWrite).length };
}

const onTerminal = { interactive: true, outColumns: 80 };

describe('the consent to destroy', () => {
  it.each([
    ['another name', 'abcdef-terraform', 'Nothing was removed: that is not the name of the bucket.'],
    ['yes', 'yes', 'Nothing was removed: that is not the name of the bucket.'],
    ['nothing', '', 'Cancelled. No changes were made.'],
  ])('is the name of the bucket and nothing else, typed: not %s', async (_, typed, said) => {
    vi.mocked(askLine).mockResolvedValue(typed);
    const { code, out, err, writes } = await crc(['destroy'], onTerminal);
    expect([code, writes]).toEqual([1, 0]);
    expect(out).toContain('- state-bucket  abcdef-terraform-state  goes');
    expect(err).toContain(said);
    expect(askLine).toHaveBeenCalledExactlyOnceWith(
      "Type the bucket's name (abcdef-terraform-state) to remove all this for ever:",
      expect.any(AbortSignal),
    );
  });

  it('is asked for after the inventory, and not with --confirm or --dry-run', async () => {
    await crc(['destroy', '--dry-run'], onTerminal);
    expect(askLine).not.toHaveBeenCalled();
  });

  it.each([
    ['--json', ['destroy', '--json'], onTerminal],
    ['no terminal', ['destroy'], {}],
    ['CI', ['destroy'], { ...onTerminal, env: { CI: 'true' } }],
    ['--confirm of another bucket', ['destroy', '--confirm', 'other'], {}],
    ['--yes of another command', ['destroy', '--yes'], {}],
    // What is lost there may still be somebody's test data.
    ['an endpoint on this machine', ['destroy', '--endpoint-url', 'http://127.0.0.1:5000'], {}],
  ])('is not taken from the config: %s', async (_, args, io) => {
    const { code, out, err, writes } = await crc(args, io);
    expect([code, writes]).toEqual([1, 0]);
    if (!args.includes('--yes')) expect(out + err).toContain('--confirm abcdef-terraform-state');
    expect(askLine).not.toHaveBeenCalled();
  });

  it('that is interrupted removes nothing: 130', async () => {
    vi.mocked(askLine).mockImplementationOnce(async (_, signal) => {
      process.emit('SIGINT');
      signal.throwIfAborted();
      return '';
    });
    const { code, writes } = await crc(['destroy'], onTerminal);
    expect([code, writes]).toEqual([130, 0]);
  });

  it('--only removes one thing alone, and not while anything needs it', async () => {
    const shown = await crc(['destroy', '--only', 'oidc-provider', '--dry-run', '--json']);
    expect(JSON.parse(shown.out).findings.map(({ id }: { id: string }) => id)).toEqual(['oidc-provider']);
    const confirm = ['--confirm', 'abcdef-terraform-state', '--json'];
    const held = await crc(['destroy', '--only', 'oidc-provider', ...confirm]);
    expect([held.code, held.writes, JSON.parse(held.out).outcomes]).toEqual([1, 0, { 'oidc-provider': 'blocked' }]);
    expect(JSON.parse(held.out).findings[0].error.message).toBe('role/GitHubActionsTerraformRole still needs it');
  });
});
