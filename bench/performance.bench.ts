import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundle } from '../scripts/bundle.mjs';
import { type Moto, startMoto } from '../src/sandbox/moto.ts';
import { ROOT, SCRIPT } from '../test/helpers/cli.ts';
import { backendConfig, manyRoles, project, writeConfig } from '../test/helpers/configs.ts';
import { ACCOUNT, REGION } from '../test/helpers/context.ts';
import { benchAt } from '../test/helpers/moto.ts';
import { startProxy, type WireProxy } from '../test/helpers/proxy.ts';
import { initWithProvider } from '../test/helpers/terraform.ts';
import { type Contestant, inTurns, peakMemory, spreadOf, TELLING_MEMORY, type Times } from './measure.ts';
import { chart, medianSeconds, timesTable } from './report.ts';

/** CRC_BENCH=quick: a turn of each, to try the script itself. It writes nothing then. */
const QUICK = process.env.CRC_BENCH === 'quick';
const turns = (count: number) => (QUICK ? 1 : count);
/** Milliseconds that a call to another continent takes, in place of none on a loopback. */
const LATENCY = 50;
const SIZES = QUICK ? [10] : [10, 100, 1_000];
const HAS_TERRAFORM = spawnSync('terraform', ['version'], { stdio: 'ignore' }).status === 0;

const BARE = 'bench/bare-verify.mjs';

let moto: Moto;
let proxy: WireProxy;
let latency = 0;
const sections: string[] = [];

beforeAll(async () => {
  moto = await startMoto({ accountId: ACCOUNT });
  proxy = await startProxy(moto.endpoint);
  proxy.intercept = async () => {
    proxy.calls.length = 0;
    if (latency > 0) await sleep(latency);
    return 'pass';
  };
});
afterAll(async () => {
  await proxy.stop();
  await moto.stop();
});

/** Through the proxy in every case, so that its own cost is in all of them. */
const env = () => ({ ...benchAt(proxy.endpoint).env, AWS_REGION: REGION, AWS_EC2_METADATA_DISABLED: 'true' });
const node = (name: string, args: readonly string[], more: Partial<Contestant> = {}): Contestant => ({
  name,
  command: process.execPath,
  args,
  env: env(),
  ...more,
});
const crc = (cwd: string, ...args: string[]) => node(`crc ${args.join(' ')}`, [SCRIPT, ...args], { cwd });
const terraform = (name: string, cwd: string, ...args: string[]): Contestant => ({
  name,
  command: 'terraform',
  args: [...args, '-input=false', '-no-color'],
  cwd,
  env: env(),
});
const reset = async () => {
  await fetch(`${moto.endpoint}/moto-api/reset`, { method: 'POST' });
};
const once = async (contestant: Contestant) => {
  await inTurns([contestant], 1);
};

/** What crc would leave to Terraform, as a root module; without its import blocks, to create it again. */
async function moduleOf(cwd: string, imports: boolean): Promise<string> {
  const { stdout } = spawnSync(process.execPath, [SCRIPT, 'export'], {
    cwd,
    env: { ...process.env, ...env() },
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  const folder = mkdtempSync(join(tmpdir(), 'crc-bench-'));
  const hcl = imports ? stdout : stdout.replace(/^import \{\n(?: {2}.*\n)+\}\n/gm, '');
  // What is destroyed with the emulated account needs no protection.
  writeFileSync(join(folder, 'main.tf'), hcl.replace(/\n *lifecycle \{\n *prevent_destroy = true\n *\}/g, ''));
  const { code, output } = await initWithProvider(folder, env());
  if (code !== 0) throw new Error(output);
  return folder;
}

async function withLatency(run: () => Promise<Times>): Promise<readonly [none: Times, some: Times]> {
  latency = 0;
  const none = await run();
  latency = LATENCY;
  const some = await run();
  latency = 0;
  return [none, some];
}

it('start-up', async () => {
  const times = await inTurns(
    [
      node('node -e 0', ['-e', '0']),
      node('crc --version', [SCRIPT, '--version']),
      node('crc --help', [SCRIPT, '--help']),
    ],
    turns(51),
  );
  sections.push(`## Start-up\n\n${timesTable(times, 'node -e 0')}`);
});

it('an account in sync, functions included', async () => {
  // As scripts/build.mjs bundles crc.
  const folder = mkdtempSync(join(tmpdir(), 'crc-bare-'));
  await bundle({ cwd: ROOT, input: { bare: BARE }, dir: folder, grouped: false });
  const bare = join(folder, 'bare.cjs');
  const cwd = project();
  await reset();
  await once(crc(cwd, 'bootstrap', '--yes'));
  const against = 'the same reads, nothing done with the answers';
  const [none, some] = await withLatency(() =>
    inTurns(
      [
        node(against, [bare]),
        node('the same script as written, not bundled', [join(ROOT, BARE)]),
        crc(cwd, 'verify'),
        crc(cwd, 'bootstrap', '--yes'),
        crc(cwd, 'deploy-function', '--no-smoke-test'),
      ],
      turns(15),
    ),
  );
  sections.push(
    `## An account in sync, functions included\n\nA bare script that sends the same reads with the same SDK, bundled in the same way, is the floor; one’s own script would load the SDK from node_modules.\n\n${timesTable(none, against)}\n\nWith ${LATENCY} ms added to each call:\n\n${timesTable(some, against)}`,
  );
});

it.runIf(HAS_TERRAFORM)('the same resources with Terraform', async () => {
  const cwd = writeConfig(backendConfig());
  await reset();
  await once(crc(cwd, 'bootstrap', '--yes'));
  const module = await moduleOf(cwd, true);
  await once(terraform('apply', module, 'apply', '-auto-approve'));
  const inSync = await withLatency(() =>
    inTurns(
      [
        crc(cwd, 'verify'),
        crc(cwd, 'bootstrap', '--yes'),
        { ...terraform('terraform plan', module, 'plan'), codes: [0] },
      ],
      turns(5),
    ),
  );
  const fresh = await moduleOf(cwd, false);
  const forget = () => {
    spawnSync('rm', ['-f', join(fresh, 'terraform.tfstate'), join(fresh, 'terraform.tfstate.backup')]);
  };
  const again = await withLatency(() =>
    inTurns(
      [
        { ...crc(cwd, 'bootstrap', '--yes'), prepare: reset },
        {
          ...terraform('terraform apply', fresh, 'apply', '-auto-approve'),
          prepare: async () => {
            forget();
            await reset();
          },
        },
      ],
      turns(5),
    ),
  );
  const bars = [
    ['crc verify', medianSeconds(inSync[1], 'crc verify')],
    ['terraform plan', medianSeconds(inSync[1], 'terraform plan')],
    ['crc bootstrap', medianSeconds(again[1], 'crc bootstrap --yes')],
    ['terraform apply', medianSeconds(again[1], 'terraform apply')],
  ] as const;
  sections.push(
    [
      '## The same resources with Terraform',
      '',
      'Bucket, table, provider and one role, as `crc export` writes them; Terraform without its `init`, with its state in a file.',
      '',
      'In sync:',
      '',
      timesTable(inSync[0], 'crc verify'),
      '',
      `In sync, with ${LATENCY} ms added to each call:`,
      '',
      timesTable(inSync[1], 'crc verify'),
      '',
      'On an empty account:',
      '',
      timesTable(again[0], 'crc bootstrap --yes'),
      '',
      `On an empty account, with ${LATENCY} ms added to each call:`,
      '',
      timesTable(again[1], 'crc bootstrap --yes'),
      '',
      chart(`Medians with ${LATENCY} ms latency: in sync, and on an empty account`, bars),
    ].join('\n'),
  );
});

it('10, 100 and 1,000 roles', async () => {
  const rows: string[] = [];
  const bars: [string, number][] = [];
  for (const size of SIZES) {
    const cwd = writeConfig(manyRoles(size));
    const count = turns(size > 100 ? 1 : 3);
    await reset();
    const peaks = { bootstrap: 0, verify: 0 };
    const watched = (command: 'bootstrap' | 'verify', contestant: Contestant): Contestant => ({
      ...contestant,
      args: [...TELLING_MEMORY, ...contestant.args],
      printed: (output) => {
        peaks[command] = Math.max(peaks[command], peakMemory(output));
      },
    });
    const bootstrap = watched('bootstrap', crc(cwd, 'bootstrap', '--yes'));
    const first = await inTurns([{ ...bootstrap, prepare: reset }], count);
    const again = await inTurns([bootstrap, watched('verify', crc(cwd, 'verify'))], count);
    const tf = HAS_TERRAFORM ? await terraformAt(cwd, count) : undefined;
    const cell = (times: Times | undefined, name: string) => (times === undefined ? '–' : secondsText(times, name));
    rows.push(
      `| ${size} | ${cell(first, 'crc bootstrap --yes')} | ${cell(again, 'crc bootstrap --yes')} | ${cell(again, 'crc verify')} | ${peaks.bootstrap.toFixed(0)} / ${peaks.verify.toFixed(0)} | ${cell(tf, 'terraform apply')} | ${cell(tf, 'terraform plan')} |`,
    );
    bars.push([`crc verify, ${size}`, medianSeconds(again, 'crc verify')]);
    if (tf !== undefined) bars.push([`terraform plan, ${size}`, medianSeconds(tf, 'terraform plan')]);
  }
  sections.push(
    [
      '## A platform team: 10, 100 and 1,000 roles on one bucket',
      '',
      'Seconds, min / median / max (one turn at 1,000). The emulator answers one call at a time, so this is mostly its time; AWS throttles IAM instead.',
      '',
      '| roles | bootstrap, empty account | bootstrap, nothing to do | verify | most memory of bootstrap / verify, MiB | terraform apply | terraform plan |',
      '| ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
      ...rows,
      '',
      chart('Checking roles, seconds', bars),
    ].join('\n'),
  );
});

async function terraformAt(cwd: string, count: number): Promise<Times> {
  const module = await moduleOf(cwd, false);
  const forget = async () => {
    spawnSync('rm', ['-f', join(module, 'terraform.tfstate'), join(module, 'terraform.tfstate.backup')]);
    await reset();
  };
  const applied = await inTurns(
    [{ ...terraform('terraform apply', module, 'apply', '-auto-approve'), prepare: forget }],
    count,
  );
  const planned = await inTurns([terraform('terraform plan', module, 'plan')], count);
  return new Map([...applied, ...planned]);
}

function secondsText(times: Times, name: string): string {
  const { min, median, max } = spreadOf(times.get(name) ?? []);
  return [min, median, max].map((time) => (time / 1_000).toFixed(1)).join(' / ');
}

it('is written down', () => {
  expect(sections.length).toBe(HAS_TERRAFORM ? 4 : 3);
  const [cpu] = cpus();
  const page = [
    '# How fast crc is',
    '',
    '`npm run bench` wrote this page; nothing about speed is said elsewhere that it does not print. All programs run in turns,',
    'so what slows the machine down slows down all of them: the ratios are to be trusted, the seconds are this machine’s.',
    'AWS is an emulator behind a loopback proxy, for all of them.',
    '',
    `${cpus().length} × ${cpu?.model.trim()}, Node ${process.versions.node}${HAS_TERRAFORM ? `, ${terraformVersion()}` : ', without Terraform'}.`,
    '',
    sections.join('\n\n'),
    '',
    '## Calls and rounds',
    '',
    'Counted at the wire by `test/integration/round-trips.test.ts`, and held there: an in-sync `verify`, a `bootstrap` with nothing to',
    'do and a `deploy-function` without changes take one round of calls with `accountId` in the config and two without; a fresh',
    '`bootstrap` takes 9 rounds without functions and 12 with them, the writes to one bucket being its spine.',
    '',
  ].join('\n');
  if (!QUICK) writeFileSync(join(ROOT, 'docs/performance.md'), page);
  else process.stdout.write(page);
});

function terraformVersion(): string {
  const { stdout } = spawnSync('terraform', ['version'], { encoding: 'utf8' });
  const provider = /provider registry[^\n]*/.exec(stdout)?.[0] ?? '';
  return [stdout.split('\n')[0], provider].filter(Boolean).join(', ');
}
