import type { ChildProcess } from 'node:child_process';
import type { ProcessResult } from '../helpers/cli.ts';
import { withoutRetries } from '../helpers/proxy.ts';
import type { Bench } from './bench.ts';
import { type Case, casesOf, onBenches } from './cases.ts';
import type { Fault } from './faults.ts';
import type { Run } from './runs.ts';

/** Results of all cases of a run. */
export interface MatrixResult {
  readonly run: string;
  /** Number of calls in a run without faults. */
  readonly calls: number;
  /** By name of the fault. */
  readonly faults: Readonly<Record<string, { cases: number; recovered: number; succeeded: number }>>;
  readonly statesCompared: number;
  /** Violations, case by case. */
  readonly violations: readonly string[];
}

/**
 * For each selected combination of call and fault: a run with that fault, then a run without. The account must end up
 * as after a run without faults, and the first run's report must be correct. Cases run in parallel, one on each bench.
 */
export async function runMatrix(
  run: Run,
  benches: readonly Bench[],
  isSelected: (k: number, fault: Fault) => boolean,
): Promise<MatrixResult> {
  const [first] = benches;
  if (first === undefined) throw new Error('no bench');
  const cwds = new Map(benches.map((bench) => [bench, run.project()]));
  const { calls, end } = await runWithoutFault(run, first, cwds.get(first) ?? '');
  const violations: string[] = [];
  let statesCompared = 0;
  const faults: Record<string, { cases: number; recovered: number; succeeded: number }> = {};

  await onBenches(benches, casesOf(calls, isSelected), async (bench, next) => {
    const result = await oneCase(run, bench, cwds.get(bench) ?? '', next, end);
    violations.push(...result.violations);
    statesCompared += result.statesCompared;
    const { name } = next.fault;
    const { cases, recovered, succeeded } = faults[name] ?? { cases: 0, recovered: 0, succeeded: 0 };
    faults[name] = {
      cases: cases + 1,
      recovered: recovered + (result.violations.length === 0 ? 1 : 0),
      succeeded: succeeded + (result.succeeded ? 1 : 0),
    };
  });
  return { run: run.name, calls, faults, statesCompared, violations };
}

async function runWithoutFault(run: Run, bench: Bench, cwd: string): Promise<{ calls: number; end: string }> {
  await bench.reset();
  await run.prepare(bench, cwd);
  bench.proxy.calls.length = 0;
  const { code, stdout } = await bench.crc(cwd, run.args);
  if (code !== 0) throw new Error(`${run.name} fails without a fault: ${stdout}`);
  return { calls: withoutRetries(bench.proxy.calls).length, end: await bench.state() };
}

interface CaseResult {
  readonly violations: readonly string[];
  readonly statesCompared: number;
  /** Whether the run succeeded in spite of the fault. */
  readonly succeeded: boolean;
}

async function oneCase(run: Run, bench: Bench, cwd: string, { k, fault }: Case, end: string): Promise<CaseResult> {
  await bench.reset();
  await run.prepare(bench, cwd);
  bench.proxy.calls.length = 0;
  const first = await withFault(bench, k, fault, (started) => bench.crc(cwd, run.args, started));
  const problems = reportProblems(first, fault);
  let statesCompared = 0;
  const compare = async (when: string) => {
    statesCompared += 1;
    if ((await bench.state()) !== end) problems.push(`another end state ${when}`);
  };
  // A run that reports success must have completed everything.
  if (first.code === 0 || isDone(first)) await compare('although the first run reported success');
  const called = bench.proxy.calls[k - 1]?.name;
  const second = await bench.crc(cwd, run.args);
  if (second.code !== 0) problems.push(`the next run exits ${second.code}: ${messages(second).join('; ')}`);
  await compare('after the next run');
  return {
    violations: problems.map((problem) => `${run.name}, call ${k} (${called}), ${fault.name}: ${problem}`),
    statesCompared,
    succeeded: first.code === 0,
  };
}

/** Runs with a fault at the k-th call. `start` receives a callback for the process. */
export async function withFault(
  bench: Bench,
  k: number,
  fault: Fault,
  start: (started: (child: ChildProcess) => void) => Promise<ProcessResult>,
): Promise<ProcessResult & { readonly faultOccurred: boolean }> {
  let child: ChildProcess | undefined;
  let count = 0;
  bench.proxy.intercept = async ({ name }, _, response) => {
    count += 1;
    if (count !== k) return 'pass';
    if (fault.answer !== undefined) return fault.answer;
    if (fault.signal !== undefined && child !== undefined) {
      // The run may end before the process receives the signal.
      const stopping = fault.signal === 'SIGKILL' ? undefined : isStopping(child);
      child.kill(fault.signal);
      await stopping;
      return 'pass';
    }
    fault.strike?.(response, name);
    return 'handled';
  };
  const result = await start((started) => {
    child = started;
  });
  bench.proxy.intercept = async () => 'pass';
  return { ...result, faultOccurred: count >= k };
}

/** Resolves when the process has received the signal or has ended. */
async function isStopping(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve) => {
    child.stderr?.on('data', (chunk) => {
      if (String(chunk).includes('Stopping…')) resolve();
    });
    child.once('close', () => resolve());
  });
}

/** Checks that the report of the first run is correct and readable. */
function reportProblems(first: ProcessResult & { readonly faultOccurred: boolean }, fault: Fault): string[] {
  const problems: string[] = [];
  if (!first.faultOccurred) problems.push('the run ended before that call');
  if (fault.signal === 'SIGKILL') {
    return first.stdout === '' || isJson(first.stdout) ? problems : [...problems, 'half a document'];
  }
  if (/\n {4}at /.test(first.stdout + first.stderr)) problems.push('a stack trace');
  if (!isJson(first.stdout)) problems.push('no document');
  if (fault.run === 'passes' && first.code !== 0) {
    problems.push(`exit ${first.code}: ${messages(first).join('; ')}`);
  }
  if (fault.signal !== undefined) {
    const expected = fault.signal === 'SIGINT' ? 130 : 143;
    if (first.code !== expected) problems.push(`exit ${first.code} after ${fault.signal}`);
    // A run that is stopped before it has a plan says so in its document alone.
    if (!isDone(first) && !/run the command again/i.test(`${first.stdout}${first.stderr}`)) {
      problems.push('nothing says that running it again goes on');
    }
    return problems;
  }
  if (first.code !== 0 && (first.code !== 1 || messages(first).length === 0)) {
    problems.push(`exit ${first.code} without a message`);
  }
  return problems;
}

/** Whether a run received a signal too late to stop. */
function isDone({ stderr }: ProcessResult): boolean {
  return stderr.includes('It was done before it could be stopped.');
}

/** The messages of all errors in a document. */
function messages({ stdout }: Pick<ProcessResult, 'stdout'>): readonly string[] {
  return [...stdout.matchAll(/"message": "((?:[^"\\]|\\.)+)"/g)].map(([, message]) => message ?? '');
}

/** The messages and hints of all errors in a document. */
export function messagesOf({ stdout }: Pick<ProcessResult, 'stdout'>): readonly string[] {
  const texts = stdout.matchAll(/"(?:message|hint)": ("(?:[^"\\]|\\.)*")/g);
  return [...texts].map(([, text]) => JSON.parse(text ?? '""') as string);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
