import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
import { inTurns, type Program, peakMemory, REPORT_PEAK_MEMORY, spreadOf, type Times } from './measure.ts';
import { chart, medianSeconds, timesTable } from './report.ts';

/** CRC_BENCH=quick runs everything once, to test this script, and prints the page instead of writing it. */
const QUICK = process.env.CRC_BENCH === 'quick';
const turns = (count: number) => (QUICK ? 1 : count);
/** Simulated latency of each call in milliseconds, roughly that of another continent. */
const LATENCY_MS = 50;
const SIZES = QUICK ? [10] : [10, 100, 1_000];
const HAS_TERRAFORM = spawnSync('terraform', ['version'], { stdio: 'ignore' }).status === 0;

const BARE_SCRIPT = 'bench/bare-verify.mjs';

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

/** All programs use the proxy, so that its cost is included in every result. */
const env = () => ({ ...benchAt(proxy.endpoint).env, AWS_REGION: REGION, AWS_EC2_METADATA_DISABLED: 'true' });
const node = (name: string, args: readonly string[], more: Partial<Program> = {}): Program => ({
  name,
  command: process.execPath,
  args,
  env: env(),
  ...more,
});
const crc = (cwd: string, ...args: string[]) => node(`crc ${args.join(' ')}`, [SCRIPT, ...args], { cwd });
const terraform = (name: string, cwd: string, ...args: string[]): Program => ({
  name,
  command: 'terraform',
  args: [...args, '-input=false', '-no-color'],
  cwd,
  env: env(),
});
const reset = async () => {
  await fetch(`${moto.endpoint}/moto-api/reset`, { method: 'POST' });
};
const once = async (program: Program) => {
  await inTurns([program], 1);
};

/** The root module that `crc export` writes. Without its import blocks Terraform creates the resources. */
async function exportedModule(cwd: string, imports: boolean): Promise<string> {
  const { stdout } = spawnSync(process.execPath, [SCRIPT, 'export'], {
    cwd,
    env: { ...process.env, ...env() },
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  const folder = mkdtempSync(join(tmpdir(), 'crc-bench-'));
  const hcl = imports ? stdout : stdout.replace(/^import \{\n(?: {2}.*\n)+\}\n/gm, '');
  // The emulated account is thrown away, so its resources must not be protected against deletion.
  writeFileSync(join(folder, 'main.tf'), hcl.replace(/\n *lifecycle \{\n *prevent_destroy = true\n *\}/g, ''));
  const { code, output } = await initWithProvider(folder, env());
  if (code !== 0) throw new Error(output);
  return folder;
}

async function withLatency(run: () => Promise<Times>): Promise<readonly [loopback: Times, remote: Times]> {
  latency = 0;
  const loopback = await run();
  latency = LATENCY_MS;
  const remote = await run();
  latency = 0;
  return [loopback, remote];
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
  // The same bundling as in scripts/build.mjs.
  const folder = mkdtempSync(join(tmpdir(), 'crc-bare-'));
  await bundle({ cwd: ROOT, input: { bare: BARE_SCRIPT }, dir: folder, grouped: false });
  const bare = join(folder, 'bare.cjs');
  const cwd = project();
  await reset();
  await once(crc(cwd, 'bootstrap', '--yes'));
  const baseline = 'the same reads, nothing done with the answers';
  const [loopback, remote] = await withLatency(() =>
    inTurns(
      [
        node(baseline, [bare]),
        node('the same script as written, not bundled', [join(ROOT, BARE_SCRIPT)]),
        {
          ...crc(cwd, 'verify'),
          name: 'crc verify, first run after its installation',
          prepare: async () => rmSync(join(ROOT, 'dist/compiled'), { recursive: true, force: true }),
        },
        crc(cwd, 'verify'),
        crc(cwd, 'bootstrap', '--yes'),
        crc(cwd, 'deploy-function', '--no-smoke-test'),
      ],
      turns(15),
    ),
  );
  sections.push(
    `## An account in sync, functions included\n\nA bare script that sends the same reads with the same SDK, bundled in the same way, is the measure; a script of your own would load the SDK from node_modules. From its second run on, crc has its code in compiled form (bin/compiled.js); scripts are compiled at each start.\n\n${timesTable(loopback, baseline)}\n\nWith ${LATENCY_MS} ms added to each call:\n\n${timesTable(remote, baseline)}`,
  );
});

it.runIf(HAS_TERRAFORM)('the same resources with Terraform', async () => {
  const cwd = writeConfig(backendConfig());
  await reset();
  await once(crc(cwd, 'bootstrap', '--yes'));
  const module = await exportedModule(cwd, true);
  await once(terraform('apply', module, 'apply', '-auto-approve'));
  const inSync = await withLatency(() =>
    inTurns(
      [
        crc(cwd, 'verify'),
        crc(cwd, 'bootstrap', '--yes'),
        { ...terraform('terraform plan', module, 'plan'), successCodes: [0] },
      ],
      turns(5),
    ),
  );
  const fresh = await exportedModule(cwd, false);
  const deleteState = () => {
    spawnSync('rm', ['-f', join(fresh, 'terraform.tfstate'), join(fresh, 'terraform.tfstate.backup')]);
  };
  const created = await withLatency(() =>
    inTurns(
      [
        { ...crc(cwd, 'bootstrap', '--yes'), prepare: reset },
        {
          ...terraform('terraform apply', fresh, 'apply', '-auto-approve'),
          prepare: async () => {
            deleteState();
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
    ['crc bootstrap', medianSeconds(created[1], 'crc bootstrap --yes')],
    ['terraform apply', medianSeconds(created[1], 'terraform apply')],
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
      `In sync, with ${LATENCY_MS} ms added to each call:`,
      '',
      timesTable(inSync[1], 'crc verify'),
      '',
      'On an empty account:',
      '',
      timesTable(created[0], 'crc bootstrap --yes'),
      '',
      `On an empty account, with ${LATENCY_MS} ms added to each call:`,
      '',
      timesTable(created[1], 'crc bootstrap --yes'),
      '',
      chart(`Medians with ${LATENCY_MS} ms latency: in sync, and on an empty account`, bars),
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
    const withPeakMemory = (command: 'bootstrap' | 'verify', program: Program): Program => ({
      ...program,
      args: [...REPORT_PEAK_MEMORY, ...program.args],
      onOutput: (output) => {
        peaks[command] = Math.max(peaks[command], peakMemory(output));
      },
    });
    const bootstrap = withPeakMemory('bootstrap', crc(cwd, 'bootstrap', '--yes'));
    const creating = await inTurns([{ ...bootstrap, prepare: reset }], count);
    const inSync = await inTurns([bootstrap, withPeakMemory('verify', crc(cwd, 'verify'))], count);
    const tf = HAS_TERRAFORM ? await terraformTimes(cwd, count) : undefined;
    const cell = (times: Times | undefined, name: string) => (times === undefined ? '–' : secondsText(times, name));
    rows.push(
      `| ${size} | ${cell(creating, 'crc bootstrap --yes')} | ${cell(inSync, 'crc bootstrap --yes')} | ${cell(inSync, 'crc verify')} | ${peaks.bootstrap.toFixed(0)} / ${peaks.verify.toFixed(0)} | ${cell(tf, 'terraform apply')} | ${cell(tf, 'terraform plan')} |`,
    );
    bars.push([`crc verify, ${size}`, medianSeconds(inSync, 'crc verify')]);
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

async function terraformTimes(cwd: string, count: number): Promise<Times> {
  const module = await exportedModule(cwd, false);
  const startOver = async () => {
    spawnSync('rm', ['-f', join(module, 'terraform.tfstate'), join(module, 'terraform.tfstate.backup')]);
    await reset();
  };
  const applied = await inTurns(
    [{ ...terraform('terraform apply', module, 'apply', '-auto-approve'), prepare: startOver }],
    count,
  );
  const planned = await inTurns([terraform('terraform plan', module, 'plan')], count);
  return new Map([...applied, ...planned]);
}

function secondsText(times: Times, name: string): string {
  const { min, median, max } = spreadOf(times.get(name) ?? []);
  return [min, median, max].map((time) => (time / 1_000).toFixed(1)).join(' / ');
}

it('writes the page', () => {
  expect(sections.length).toBe(HAS_TERRAFORM ? 4 : 3);
  const [cpu] = cpus();
  const page = [
    '# How fast crc is',
    '',
    '`npm run bench` writes this page, and every claim about the speed of crc is based on it. All programs run in turns, so a',
    'slow machine slows them all down: trust the ratios rather than the seconds. AWS is emulated, behind a loopback proxy.',
    '',
    `${cpus().length} × ${cpu?.model.trim()}, Node ${process.versions.node}${HAS_TERRAFORM ? `, ${terraformVersion()}` : ', without Terraform'}.`,
    '',
    sections.join('\n\n'),
    '',
    '## Calls and rounds',
    '',
    'Counted on the wire and asserted by `test/integration/round-trips.test.ts`: a `verify` in sync, a `bootstrap` without changes',
    'and a `deploy-function` without changes take one round of calls with `accountId` in the config and two without; a fresh',
    '`bootstrap` takes 9 rounds without functions and 12 with them, on the critical path of sequential writes to the bucket.',
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
