import { spawn } from 'node:child_process';

/** One program that is measured against others. */
export interface Contestant {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that are success. */
  readonly codes?: readonly number[];
  /** Before each turn, unmeasured. */
  readonly prepare?: () => Promise<void>;
  /** Gets what each turn printed. */
  readonly printed?: (output: string) => void;
}

/** Milliseconds of each turn, by the contestant's name. */
export type Times = ReadonlyMap<string, readonly number[]>;

/**
 * Runs all contestants one after the other, and that `turns` times, so that a machine that slows down slows down all of
 * them. Throws when one fails: a failure is quick.
 */
export async function inTurns(contestants: readonly Contestant[], turns: number): Promise<Times> {
  const times = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let turn = 0; turn < turns; turn += 1) {
    for (const contestant of contestants) {
      await contestant.prepare?.();
      times.get(contestant.name)?.push(await timed(contestant));
    }
  }
  return times;
}

async function timed({ name, command, args, cwd, env = {}, codes = [0], printed }: Contestant): Promise<number> {
  const start = performance.now();
  const { code, output } = await execute(command, args, cwd, env);
  const milliseconds = performance.now() - start;
  if (!codes.includes(code ?? -1)) throw new Error(`${name} ended with ${code}: ${output.slice(-2_000)}`);
  printed?.(output);
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

/** As arguments of Node: a program that ends tells Linux's own account of itself. */
export const TELLING_MEMORY = [
  '--import',
  `data:text/javascript,import{readFileSync}from'node:fs';process.on('exit',()=>process.stderr.write(readFileSync('/proc/self/status')))`,
] as const;

/**
 * The most memory that a program had which was started with TELLING_MEMORY, in MiB. What getrusage reports for a child is never
 * less than what its parent, this process, had when it started it. Throws where the program did not tell.
 */
export function peakMemory(output: string): number {
  const peak = /VmHWM:\s*(\d+) kB/.exec(output)?.[1];
  if (peak === undefined) throw new Error(`no memory is known: ${output.slice(-2_000)}`);
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

/** How many times as long as the other, turn by turn. */
export function ratiosOf(times: Times, name: string, to: string): Spread {
  const otherTimes = times.get(to) ?? [];
  return spreadOf((times.get(name) ?? []).map((time, turn) => time / (otherTimes[turn] ?? Number.NaN)));
}
