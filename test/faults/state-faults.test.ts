import type { ChildProcess } from 'node:child_process';
import { expect, it } from 'vitest';
import { backendConfig, type LooseConfig, writeConfig } from '../helpers/configs.ts';
import { withoutRetries } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';
import { KEY, lockInfo, md5, type StateBench, stateBench } from '../helpers/state-bench.ts';
import { secretState } from '../terraform/state/states.ts';
import { type Bench, useBenches } from './bench.ts';
import { BENCHES, casesOf, FULL, OFFSET, onBenches, RUN_TIMEOUT } from './cases.ts';
import { FAULTS, type Fault } from './faults.ts';
import { messagesOf, withFault } from './matrix.ts';

/**
 * A fault at one call of each state command that writes, followed by what its message or lock suggests.
 * CRC_FAULTS=full tests all faults at all calls, otherwise a sample that starts at CRC_FAULTS_OFFSET.
 */
const STEP = 2;

interface StateRun {
  readonly name: string;
  readonly args: readonly string[];
  readonly locks: 'table' | 'file' | 'both';
  /** Called after two versions of a state have been written. */
  prepare(states: StateBench): Promise<void>;
  /** Possible final contents of the state. */
  readonly ends: readonly string[];
}

const [OLD, NEW] = [secretState(2), secretState(1).replace('"serial": 1', '"serial": 3')];
const restore = (locks: StateRun['locks']): StateRun => ({
  name: `restore with ${locks}`,
  args: ['state', 'restore', KEY, '~1', '--yes'],
  locks,
  prepare: async () => undefined,
  ends: [OLD, NEW],
});

const RUNS: readonly StateRun[] = [
  restore('table'),
  restore('file'),
  restore('both'),
  {
    name: 'unlock',
    args: ['state', 'unlock', KEY, '--force', 'stuck'],
    locks: 'both',
    async prepare({ lockFile, lockItem }) {
      await lockFile(lockInfo('stuck'));
      await lockItem(lockInfo('stuck'));
    },
    ends: [OLD],
  },
  {
    name: 'check --fix',
    args: ['state', 'check', '--fix', '--yes'],
    locks: 'both',
    prepare: ({ putDigest }) => putDigest('0'.repeat(32)),
    ends: [OLD],
  },
];

function projectOf({ locks }: StateRun): string {
  const config: LooseConfig = backendConfig();
  if (locks === 'file') delete config.lockTable;
  if (locks === 'both') config.lockTable.lockFile = true;
  return writeConfig(config);
}

describeWith('moto', 'one fault at one call of crc state', () => {
  const benches = useBenches(BENCHES);

  it.each(RUNS)(
    'of $name: state, lock and digest are consistent, or the message says how to fix them',
    async (run) => {
      const cwd = projectOf(run);
      const [first] = benches();
      if (first === undefined) throw new Error('no bench');
      const calls = await runWithoutFault(run, first, cwd);
      const cases = casesOf(calls, (k, fault) => isSelected(run, k, fault));
      const violations: string[] = [];
      await onBenches(benches(), cases, async (bench, { k, fault }) => {
        violations.push(...(await oneCase(run, bench, cwd, k, fault)));
      });
      process.stderr.write(`${run.name}: ${calls} calls, ${cases.length} cases, ${violations.length} violations\n`);
      expect(violations).toEqual([]);
      expect(cases.length).toBeGreaterThan(0);
    },
    RUN_TIMEOUT,
  );
});

/** For the sample: alternates between faults, starting with a different one in each run. */
function isSelected(run: StateRun, k: number, fault: Fault): boolean {
  if (FULL) return true;
  if ((k + OFFSET) % STEP !== 0) return false;
  return fault === FAULTS[((k + OFFSET) * 4 + RUNS.indexOf(run) * 3) % FAULTS.length];
}

async function prepared(run: StateRun, bench: Bench): Promise<StateBench> {
  await bench.reset();
  const states = stateBench(() => bench);
  await states.setUp();
  for (const serial of [1, 2]) await states.put(secretState(serial));
  await run.prepare(states);
  return states;
}

async function runWithoutFault(run: StateRun, bench: Bench, cwd: string): Promise<number> {
  await prepared(run, bench);
  const { code, stdout } = await bench.crc(cwd, run.args);
  if (code !== 0) throw new Error(`${run.name} fails without a fault: ${stdout}`);
  return withoutRetries(bench.proxy.calls).length;
}

async function oneCase(run: StateRun, bench: Bench, cwd: string, k: number, fault: Fault): Promise<readonly string[]> {
  const states = await prepared(run, bench);
  const { code, stdout, stderr } = await withFault(bench, k, fault, (started: (child: ChildProcess) => void) =>
    bench.crc(cwd, run.args, started),
  );
  const called = bench.proxy.calls[k - 1]?.name;
  const problems: string[] = [];
  const messages = messagesOf({ stdout }).join(' ');
  const canReport = fault.signal !== 'SIGKILL' && code !== 0;
  if (fault.run === 'passes' && code !== 0) problems.push(`exit ${code}: ${messages}`);
  if (/\n {4}at /.test(stdout + stderr)) problems.push('a stack trace');
  if (canReport && fault.signal === undefined && messages === '') problems.push(`exit ${code} without a message`);

  const content = await states.current();
  if (!run.ends.includes(content ?? '')) problems.push('another state than the old and the new one');
  if (code === 0 && content !== run.ends.at(-1)) problems.push('exit 0, and the state is not the one that was wanted');
  if (/No changes were made/.test(messages) && content !== OLD)
    problems.push('"No changes were made", and there is one');
  if (/was restored, /.test(messages) && content !== NEW) problems.push('"was restored", and it was not');
  if (run.name.startsWith('restore') && canReport && fault.signal === undefined) {
    if (!/No changes were made|was restored|is not known|^Access denied|something other than AWS/.test(messages))
      problems.push('nothing says what was written');
  }

  // What the user would do next.
  for (const lock of await states.locks()) {
    const { ID, Operation } = JSON.parse(lock) as { ID: string; Operation: string };
    if (code === 0) problems.push('exit 0, and a lock is held');
    if (canReport && Operation.startsWith('crc ') && !messages.includes(`--force ${ID}`)) {
      problems.push('a lock was left, and nothing says how to release it');
    }
    const released = await bench.crc(cwd, ['state', 'unlock', KEY, '--force', ID]);
    if (released.code !== 0) problems.push(`the lock ${ID} cannot be released: ${messagesOf(released).join(' ')}`);
  }
  if (run.locks !== 'file' && (await states.digest()) !== md5(content ?? '')) {
    if (code === 0) problems.push('exit 0, and the digest is another');
    if (canReport && content === NEW && !messages.includes('crc state check --fix')) {
      problems.push('the digest is another, and nothing says how to set it');
    }
    const fixed = await bench.crc(cwd, ['state', 'check', '--fix', '--yes']);
    if (fixed.code !== 0) problems.push(`the digest cannot be set: ${messagesOf(fixed).join(' ')}`);
    if ((await states.digest()) !== md5(content ?? '')) problems.push('the digest is still another');
  }
  if ((await states.locks()).length > 0) problems.push('a lock is still held');
  const { versions, markers } = await states.versionsOf();
  if (versions.length < 2 || markers.length > 0) problems.push('a version was deleted');
  return problems.map((problem) => `${run.name}, call ${k} (${called}), ${fault.name}: ${problem}`);
}
