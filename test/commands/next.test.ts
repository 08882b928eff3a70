import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli.ts';
import { afterBootstrap, afterDeployment, afterDestroy } from '../../src/commands/next.ts';
import type { Io } from '../../src/ui/io.ts';
import { ownCommand } from '../../src/ui/own-command.ts';
import { exampleConfig } from '../helpers/configs.ts';
import { ACCOUNT, REGION } from '../helpers/context.ts';
import { awsError, type FakeAws, fakeAws, isWrite } from '../helpers/fake-aws.ts';
import { fakeDynamoDb } from '../helpers/fake-dynamodb.ts';
import { fakeIam } from '../helpers/fake-iam.ts';
import { type FakeLambda, fakeLambda } from '../helpers/fake-lambda.ts';
import { fakeLogs } from '../helpers/fake-logs.ts';
import { fakeS3 } from '../helpers/fake-s3.ts';
import { fakeSts } from '../helpers/fake-sts.ts';
import { EMPTY_TAG_INDEX } from '../helpers/fake-tag.ts';
import { folderWith } from '../helpers/folder.ts';
import { captureIo } from '../helpers/io.ts';

const BUCKET = 'abcdef-terraform-state';
const NAME = 'IncrementVisits';
const KEY = 'github-oidc/terraform.tfstate';
const ROLE = 'GitHubActionsTerraformRole';

// A user who confirms every prompt.
vi.mock('../../src/ui/confirm.ts', () => ({ confirm: async () => true, askLine: async () => BUCKET }));
const { current } = vi.hoisted(() => ({ current: { clients: undefined as unknown } }));
vi.mock('../../src/aws/clients.ts', () => ({ createClients: () => current.clients }));

let aws: FakeAws;
let iam: ReturnType<typeof fakeIam>;
let lambda: FakeLambda;
let cwd: string;

beforeEach(() => {
  iam = fakeIam(ACCOUNT);
  lambda = fakeLambda({ busy: 0 });
  lambda.invoke = () => ({ payload: '{"statusCode":200,"body":"{\\"VisitTotal\\":7}"}' });
  aws = fakeAws({
    s3: fakeS3(ACCOUNT, REGION).handlers,
    dynamodb: fakeDynamoDb({ busy: 0 }).handlers,
    iam: iam.handlers,
    lambda: lambda.handlers,
    logs: fakeLogs().handlers,
    tag: EMPTY_TAG_INDEX,
    sts: fakeSts(),
  });
  current.clients = aws.clients;
  const config = exampleConfig();
  config.functions[0].source = 'fn';
  // Without a URL, nothing is called over the network.
  delete config.functions[0].url;
  cwd = folderWith({
    'prod.json': JSON.stringify(config),
    'fn/index.ts': 'export async function handler() { return { statusCode: 200, body: "1" }; }\n',
  });
});

const PROD = ['--config', 'prod.json'];

async function crc(args: readonly string[], overrides: Partial<Io> = {}) {
  aws.calls.length = 0;
  const argv = ['node', '/usr/bin/crc', ...args];
  const own = ownCommand({ argv, cwd, env: {} });
  const { io, out, err } = captureIo({ interactive: true, outColumns: 400, errColumns: 400, own, cwd, ...overrides });
  const code = await run(argv, io);
  return { code, out: out(), err: err(), writes: aws.calls.filter(isWrite).length };
}

/** The command in the last line of output, split into words like in a shell. */
function nextCommand({ err }: { readonly err: string }): readonly string[] {
  const [, command = ''] = /\nNext: .*?`crc ([^`]+)`.*\n$/.exec(err) ?? [];
  return command.split(' ');
}

const bootstrap = async () => await crc(['bootstrap', '--yes', ...PROD]);

it('the next step names the flag that one resource lacks while others only wait for it', () => {
  const waiting = { id: 'function/F', outcome: 'blocked', waits: true } as const;
  const foreign = { id: 'execution-role/F', outcome: 'blocked', lacks: 'adopt' } as const;
  const { io } = captureIo();
  expect(afterBootstrap([foreign, waiting], {}, io)).toBe('`crc bootstrap --adopt` makes these changes too.');
  expect(afterBootstrap([{ id: 'a', outcome: 'failed' }, foreign], {}, io)).toBeUndefined();
});

it('is none while a resource waits for one that --only leaves out', async () => {
  const blocked = await crc(['bootstrap', ...PROD, '--only', `function/${NAME}`]);
  expect([blocked.code, blocked.writes]).toEqual([1, 0]);
  expect(blocked.out).toContain('which are not ready');
  expect(blocked.err).not.toContain('Next:');
});

describe('the next step, when pasted', () => {
  it('leads from the plan to a verified account', async () => {
    const plan = await crc(['plan', ...PROD]);
    expect(plan.code).toBe(2);
    expect(nextCommand(plan)).toEqual(['bootstrap', ...PROD]);

    const created = await crc(nextCommand(plan));
    expect([created.code, created.writes > 0]).toEqual([0, true]);
    expect(created.out).toContain(`Done. 9 created, 0 changed.\n\n  ${ROLE}  arn:aws:iam::${ACCOUNT}:role/${ROLE}\n`);
    expect(created.err).toMatch(
      /`\. Then commit and push|prod\.json\. Then commit and push: GitHub Actions can log in/,
    );
    expect(nextCommand(created)).toEqual(['verify', ...PROD]);

    const verified = await crc(nextCommand(created));
    expect([verified.code, verified.out]).toEqual([0, expect.stringContaining('No drift detected.')]);
    expect(verified.err).not.toContain('Next:');

    const secondRun = await crc(['bootstrap', ...PROD]);
    expect([secondRun.code, secondRun.writes, secondRun.out]).toEqual([
      0,
      0,
      expect.stringMatching(/\nNo changes\. Your account matches prod\.json\.\n$/),
    ]);
    expect((await crc(nextCommand(secondRun))).code).toBe(0);
  });

  it('leads from drift to an account in sync', async () => {
    await bootstrap();
    const role = iam.roles.get(ROLE);
    Object.assign(role ?? {}, { maxSession: 7_200 });
    const drifted = await crc(['verify', ...PROD]);
    expect([drifted.code, drifted.out]).toEqual([2, expect.stringContaining('Drift detected in 1 of 9 resources.')]);
    expect(drifted.out).toContain(
      `How to fix it\n  1 is fixed by \`crc bootstrap --config prod.json\`: role/${ROLE}\n`,
    );
    const fixed = await crc(nextCommand(drifted));
    expect([fixed.code, fixed.out]).toEqual([0, expect.stringContaining('Done. 0 created, 1 changed, 8 unchanged.')]);
    expect((await crc(nextCommand(fixed))).code).toBe(0);
  });

  it('after a denied call prints everything that the command needs, instead of one denied call after another', async () => {
    aws.answer('iam:CreateRole', 'denied');
    const denied = await crc(['bootstrap', '--yes', ...PROD]);
    expect([denied.code, denied.out]).toEqual([1, expect.stringContaining('Access denied: iam:CreateRole')]);
    expect(nextCommand(denied)).toEqual(['permissions', 'bootstrap', ...PROD]);
    const policy = await crc(nextCommand(denied));
    expect([policy.code, policy.out]).toEqual([0, expect.stringContaining('"iam:CreateRole"')]);

    aws.clearFailures();
    await bootstrap();
    aws.answer('iam:GetRole', 'denied');
    for (const [command, needed] of [
      ['plan', 'bootstrap'],
      ['verify', 'verify'],
      ['destroy --dry-run', 'destroy'],
    ]) {
      const result = await crc([...(command ?? '').split(' '), ...PROD]);
      expect([result.code, nextCommand(result)]).toEqual([1, ['permissions', needed, ...PROD]]);
    }
    // Which may be a bucket of another account.
    aws.answer('s3:HeadBucket', 'denied');
    expect(nextCommand(await crc(['verify', ...PROD]))).toEqual(['permissions', 'verify', ...PROD]);
    aws.clearFailures();
    aws.fail('GetRole', awsError('InvalidInput', 400));
    const unreadable = await crc(['plan', ...PROD]);
    expect([unreadable.code, unreadable.err.includes('Next:')]).toEqual([1, false]);
  });

  it('shows what a missing flag would do, and then does it', async () => {
    await bootstrap();
    iam.roles.get(ROLE)?.inline.set('Extra', '{"Version":"2012-10-17","Statement":[]}');
    const drifted = await crc(['verify', ...PROD]);
    expect(nextCommand(drifted)).toEqual(['plan', ...PROD, '--prune']);
    const plan = await crc(nextCommand(drifted));
    expect([plan.code, plan.writes]).toEqual([2, 0]);

    const incomplete = await crc(['bootstrap', ...PROD]);
    expect([incomplete.code, incomplete.writes]).toEqual([1, 0]);
    expect(incomplete.out).toContain(`blocked    role/${ROLE}  needs --prune\n`);
    expect(incomplete.out).toContain(
      'Incomplete: 1 resource needs attention. Fix it and rerun `crc bootstrap --config prod.json`.\n',
    );
    expect(nextCommand(incomplete)).toEqual(['bootstrap', ...PROD, '--prune']);
    for (const step of [plan, incomplete]) expect(nextCommand(step)).toEqual(['bootstrap', ...PROD, '--prune']);
    expect((await crc(nextCommand(incomplete))).code).toBe(0);
    expect((await crc(['verify', ...PROD])).code).toBe(0);
  });

  it('does not suggest a bootstrap that could not write because all drift depends on a resource in conflict', async () => {
    await bootstrap();
    const role = iam.roles.get(`${NAME}-execution`);
    if (role !== undefined) role.tags = [];
    lambda.functions.delete(NAME);
    const drifted = await crc(['verify', ...PROD]);
    expect(drifted.out).toContain(
      `  2 are waiting for required resources; the next \`crc bootstrap --config prod.json\` fixes them: function/${NAME}, function-code/${NAME}\n`,
    );
    expect(nextCommand(drifted)).toEqual(['plan', ...PROD, '--adopt']);
    const plan = await crc(['plan', ...PROD]);
    expect(nextCommand(plan)).toEqual(['plan', ...PROD, '--adopt']);
    expect(nextCommand(await crc(nextCommand(plan)))).toEqual(['bootstrap', ...PROD, '--adopt']);
  });

  it('keeps --only, and reports that other resources exist', async () => {
    const plan = await crc(['plan', ...PROD, '--only', 'lock-table']);
    expect(plan.err).toContain('note: --only: 1 of 9 resources was part of this run\n');
    expect(nextCommand(plan)).toEqual(['bootstrap', ...PROD, '--only', 'lock-table']);
    const created = await crc(nextCommand(plan));
    expect([created.code, created.out]).toEqual([0, expect.stringContaining('Done. 1 created, 0 changed.')]);
    const secondRun = await crc(['bootstrap', ...PROD, '--only', 'lock-table']);
    expect(secondRun.out).toContain('No changes. The selected resources match prod.json.');
  });

  it('keeps the flags of a run that is incomplete', async () => {
    await bootstrap();
    iam.roles.get(ROLE)?.inline.set('Extra', '{"Version":"2012-10-17","Statement":[]}');
    const only = ['--only', `role/${ROLE}`];
    const incomplete = await crc(['bootstrap', ...PROD, '--adopt', ...only]);
    expect(nextCommand(incomplete)).toEqual(['bootstrap', ...PROD, '--adopt', '--prune', ...only]);
    expect(incomplete.out).toContain(`rerun \`crc bootstrap --config prod.json --adopt --only role/${ROLE}\`.`);
    aws.answer('lambda:UpdateFunctionCode', 'denied');
    appendFileSync(join(cwd, 'fn/index.ts'), '// more\n');
    const code = ['--only', `function-code/${NAME}`];
    const planned = await crc(['deploy-function', ...PROD, '--dry-run', '--no-smoke-test', ...code]);
    expect(nextCommand(planned)).toEqual(['deploy-function', ...PROD, '--no-smoke-test', ...code]);
    const deployed = await crc(['deploy-function', ...PROD, NAME, '--no-smoke-test', ...code]);
    expect(deployed.out).toContain(
      `rerun \`crc deploy-function --config prod.json ${NAME} --no-smoke-test --only function-code/${NAME}\`.`,
    );
  });

  it('invokes the deployed function', async () => {
    await bootstrap();
    appendFileSync(join(cwd, 'fn/index.ts'), '// more\n');
    const plan = await crc(['deploy-function', NAME, '--dry-run', ...PROD]);
    expect(nextCommand(plan)).toEqual(['deploy-function', ...PROD, NAME]);
    const deployed = await crc(nextCommand(plan));
    expect([deployed.code, deployed.out]).toEqual([
      0,
      expect.stringMatching(/\nDone\. 0 created, 1 changed, \d unchanged\.\n$/),
    ]);
    expect(nextCommand(deployed)).toEqual(['invoke', ...PROD, NAME]);
    expect((await crc(nextCommand(deployed))).code).toBe(0);
  });

  it('invokes it on this machine if an emulator cannot run code', () => {
    const test = { functionName: NAME, mode: 'skipped' as const, ok: true, lines: [], log: '', restoredTo: undefined };
    const { io } = captureIo({});
    const next = (endpointUrl?: string, disabled: readonly string[] = []) =>
      afterDeployment([], [test], { endpointUrl, disabled: new Set(disabled) }, io);
    expect(next()).toBe(`\`crc invoke ${NAME}\` calls it and shows its response.`);
    expect(next('http://127.0.0.1:5000')).toBe(`\`crc invoke ${NAME} --local\` calls it and shows its response.`);
    // Only Lambda rejects the calls of a disabled function.
    expect(next(undefined, [NAME])).toBeUndefined();
    expect(next('http://127.0.0.1:5000', [NAME])).toContain(`crc invoke ${NAME} --local`);
  });

  it('redeploys a function whose test failed', async () => {
    await bootstrap();
    const source = join(cwd, 'fn/index.ts');
    appendFileSync(source, '// broken\n');
    const answers = lambda.invoke;
    lambda.invoke = () => ({ payload: '{"statusCode":500,"body":"broken"}' });
    const failed = await crc(['deploy-function', ...PROD]);
    expect([failed.code, failed.out]).toEqual([
      1,
      expect.stringMatching(/\nFailed: IncrementVisits failed its smoke test, and was rolled back to version 1\.\n$/),
    ]);
    expect(`${failed.out}${failed.err}`).not.toMatch(/\bdone\b|converged/i);
    lambda.invoke = answers;
    expect((await crc(nextCommand(failed))).code).toBe(0);
  });

  it('deletes the resources in the inventory, after the name of the bucket was typed', async () => {
    await bootstrap();
    const inventory = await crc(['destroy', '--dry-run', ...PROD]);
    expect([inventory.code, inventory.writes]).toEqual([0, 0]);
    expect(inventory.out).toMatch(/^Account \d+, [^\n]*\n\n9 will be deleted\.\n\n.*\n\n9 will be deleted\.\n$/s);
    const deleted = await crc(nextCommand(inventory));
    expect([deleted.code, deleted.out]).toEqual([0, expect.stringMatching(/\nDone\. 9 deleted\.\n$/)]);
    const secondRun = await crc(['destroy', ...PROD]);
    expect([secondRun.code, secondRun.out]).toEqual([0, expect.stringMatching(/\nNothing to delete\.\n$/)]);
    expect((await crc(nextCommand(deleted))).code).toBe(0);
  });
});

describe('the next step in a sandbox', () => {
  const emulated = { env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:5000' } };
  const create = async () => await crc(['bootstrap', '--yes', ...PROD], emulated);

  it('does not put sandbox values into GitHub', async () => {
    const created = await create();
    expect([created.code, nextCommand(created)]).toEqual([0, ['verify', ...PROD]]);
    expect(created.err).not.toContain('commit and push');
    const deleted = await crc(['destroy', '--confirm', BUCKET, ...PROD], emulated);
    expect([deleted.code, deleted.err.includes('workflow')]).toEqual([0, false]);
    expect(nextCommand(deleted)).toEqual(['bootstrap', ...PROD]);
  });

  it('does not replace the real backend block', async () => {
    await create();
    const { code, err } = await crc(['outputs', ...PROD], emulated);
    expect([code, err.includes('> backend.tf')]).toEqual([0, false]);
    expect(err).toContain('\nNext: keep these values out of GitHub and backend.tf');
  });
});

describe('after crc outputs', () => {
  it('saves the backend block if the folder has none, and otherwise compares it', async () => {
    await bootstrap();
    expect((await crc(['outputs', ...PROD])).err).toMatch(/\nNext: `crc backend [^`]*> backend\.tf` saves the backend/);
    writeFileSync(join(cwd, 'main.tf'), 'terraform {\n  backend "s3" {}\n}\n');
    expect((await crc(['outputs', ...PROD])).err).toContain(
      '\nNext: paste the lines of the backend above into the block at main.tf:2. Then run `terraform init`.\n',
    );
  });
});

describe('after crc backend', () => {
  const nextWith = async (code: Readonly<Record<string, string>>, environment = {}) => {
    for (const [path, text] of Object.entries(code)) {
      mkdirSync(dirname(join(cwd, path)), { recursive: true });
      writeFileSync(join(cwd, path), text);
    }
    const { err } = await crc(['backend', ...PROD], environment);
    return /\nNext: (.*)\n/s.exec(err)?.[1]?.replaceAll(/\s+/g, ' ');
  };
  const provider = 'provider "aws" {\n  region = "eu-west-2"\n}\n';
  const backend = (lines: string) => `terraform {\n  backend "s3" {\n${lines}  }\n}\n`;

  it('writes the block next to the only Terraform code if it has none', async () => {
    expect(await nextWith({ 'infra/main.tf': provider })).toMatch(
      /^`crc backend [^`]*> infra\/backend\.tf` saves the backend block\. Then run `terraform -chdir=infra init`\.$/,
    );
  });

  it('does not overwrite a file of the same name that has other code in it', async () => {
    expect(await nextWith({ 'infra/backend.tf': provider })).toMatch(
      /^`crc backend [^`>]*` prints the backend block: add it to infra\/backend\.tf\. Then run `terraform -chdir=infra init`\.$/,
    );
  });

  it('writes no second block next to an existing one', async () => {
    expect(await nextWith({ 'infra/main.tf': provider + backend('') })).toBe(
      'paste the lines of the backend above into the block at infra/main.tf:5. Then run `terraform -chdir=infra init`.',
    );
    expect(await nextWith({ 'infra/main.tf': backend(`    key = "${KEY}"\n`) })).toBe(
      'compare the backend block in infra/main.tf with the one above. Then run `terraform -chdir=infra init`.',
    );
  });

  it('writes no block for an emulator', async () => {
    const emulated = { env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:5000' } };
    expect(await nextWith({}, emulated)).toMatch(/^keep this block out of backend\.tf/);
  });
});

describe('no next step', () => {
  it.each([['--json'], ['--markdown']])('is shown with %s', async (flag) => {
    const { out, err } = await crc(['verify', flag, ...PROD]);
    expect(`${out}${err}`).not.toContain('Next:');
  });

  it('is shown if the account is no longer known when the command ends', async () => {
    const { err } = await crc(['plan', ...PROD], { env: { CRC_NO_NEXT_STEP: '1' } });
    expect(err).not.toContain('Next:');
  });

  it.each([['backend'], ['workflow'], ['permissions', 'verify'], ['export']])(
    'is shown by crc %s %s if its output is not visible',
    async (...args) => {
      const onTerminal = await crc([...args, ...PROD]);
      expect([onTerminal.code, onTerminal.err]).toEqual([
        0,
        expect.stringMatching(/\nNext: `crc [^`]* > [^`]+` saves (it|the backend block)\..*\n$/),
      ]);
      const piped = await crc([...args, ...PROD], { outColumns: undefined });
      expect([piped.out, piped.err.includes('Next:')]).toEqual([onTerminal.out, false]);
    },
  );
});

describe('after destroy', () => {
  it.each([
    [['lock-table'], '`crc bootstrap --only lock-table` creates it again.'],
    [['lock-table', 'oidc-provider'], '`crc bootstrap --only lock-table --only oidc-provider` creates them again.'],
  ])('--only %j: the command that creates the same again, and nothing about the workflow', (only, next) => {
    const outcomes = only.map(() => ({ outcome: 'removed' as const }));
    expect(afterDestroy(outcomes, { only }, captureIo().io)).toBe(next);
  });
});
