import type { Bench } from './bench.ts';
import { FAULTS, type Fault } from './faults.ts';

/** Whether to run all cases. Otherwise a sample, whose first case is chosen by `OFFSET`. */
export const FULL = process.env.CRC_FAULTS === 'full';
export const OFFSET = Number(process.env.CRC_FAULTS_OFFSET ?? 0);

/** Number of parallel cases. Most of their time is spent on starting processes. */
export const BENCHES = FULL ? 4 : 2;

/** Timeout in milliseconds for all cases of a run. */
export const RUN_TIMEOUT = FULL ? 4 * 3_600_000 : 900_000;

/** A fault at the k-th call of a run, counting from 1. */
export interface Case {
  readonly k: number;
  readonly fault: Fault;
}

/** The selected combinations of call and fault. */
export function casesOf(calls: number, isSelected: (k: number, fault: Fault) => boolean): readonly Case[] {
  const ks = Array.from({ length: calls }, (_, index) => index + 1);
  return ks.flatMap((k) => FAULTS.filter((fault) => isSelected(k, fault)).map((fault) => ({ k, fault })));
}

/** Runs all cases in parallel, one at a time on each bench. */
export async function onBenches(
  benches: readonly Bench[],
  cases: readonly Case[],
  run: (bench: Bench, next: Case) => Promise<void>,
): Promise<void> {
  const queue = [...cases];
  await Promise.all(
    benches.map(async (bench) => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) await run(bench, next);
    }),
  );
}
