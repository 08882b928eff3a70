import { spawn } from 'node:child_process';

/** A program whose run time is compared with that of others. */
export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that count as success; default: 0. */
  readonly successCodes?: readonly number[];
  /** Runs before each measurement and is not measured. */
  readonly prepare?: () => Promise<void>;
  /** Receives the output of each run. */
  readonly onOutput?: (output: string) => void;
}

/** Milliseconds of each run, by program name. */
export type Times = ReadonlyMap<string, readonly number[]>;

/**
 * Runs all programs in sequence and repeats that `turns` times, so that a machine that slows down affects all
 * of them alike. Throws when a program fails, because a failed run says nothing about speed.
 */
export async function inTurns(programs: readonly Program[], turns: number): Promise<Times> {
  const times = new Map<string, number[]>(programs.map(({ name }) => [name, []]));
  for (let turn = 0; turn < turns; turn += 1) {
    for (const program of programs) {
      await program.prepare?.();
      times.get(program.name)?.push(await timed(program));
    }
  }
  return times;
}

async function timed({ name, command, args, cwd, env = {}, successCodes = [0], onOutput }: Program): Promise<number> {
  const start = performance.now();
  const { code, output } = await execute(command, args, cwd, env);
  const milliseconds = performance.now() - start;
  if (!successCodes.includes(code ?? -1)) throw new Error(`${name} ended with ${code}: ${output.slice(-2_000)}`);
  onOutput?.(output);
  return milliseconds;
}

async function execute(
  command: string,
  args: readonly string[],
  cwd: string | undefined,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly output: string }> {
  return await new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      cwd,
      env: { PATH: process.env.PATH ?? '', HOME: cwd ?? '/', TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const listen = (chunk: unknown) => {
      output += String(chunk);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

/** Arguments for Node that print Linux's memory statistics of the process when it exits. */
export const REPORT_PEAK_MEMORY = [
  '--import',
  `data:text/javascript,import{readFileSync}from'node:fs';process.on('exit',()=>process.stderr.write(readFileSync('/proc/self/status')))`,
] as const;

/**
 * Peak memory in MiB of a program started with REPORT_PEAK_MEMORY. getrusage is no alternative: what it reports for a
 * child is at least what its parent, this process, used when the child started. Throws if the output contains no
 * statistics.
 */
export function peakMemory(output: string): number {
  const peak = /VmHWM:\s*(\d+) kB/.exec(output)?.[1];
  if (peak === undefined) throw new Error(`the output contains no memory statistics: ${output.slice(-2_000)}`);
  return Number(peak) / 1_024;
}

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (place: number) => sorted[Math.round(place * (sorted.length - 1))] ?? Number.NaN;
  return { min: at(0), median: at(0.5), max: at(1) };
}

/** Run time of one program relative to another, turn by turn. */
export function ratiosOf(times: Times, name: string, to: string): Spread {
  const otherTimes = times.get(to) ?? [];
  return spreadOf((times.get(name) ?? []).map((time, turn) => time / (otherTimes[turn] ?? Number.NaN)));
}
