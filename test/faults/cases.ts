import type { Bench } from './bench.ts';
import { FAULTS, type Fault } from './faults.ts';

/** All cases; without it a sample of them is run, whose start `OFFSET` moves. */
export const FULL = process.env.CRC_FAULTS === 'full';
export const OFFSET = Number(process.env.CRC_FAULTS_OFFSET ?? 0);

/** Cases that run at the same time; most of their time is the processes' start. */
export const BENCHES = FULL ? 4 : 2;

/** Milliseconds for all cases of a run. */
export const RUN_TIMEOUT = FULL ? 4 * 3_600_000 : 900_000;

/** One fault at one call of a run, the first of which is 1. */
export interface Case {
  readonly k: number;
  readonly fault: Fault;
}

/** The picked ones of all pairs of a call and a fault. */
export function casesOf(calls: number, picked: (k: number, fault: Fault) => boolean): readonly Case[] {
  const ks = Array.from({ length: calls }, (_, index) => index + 1);
  return ks.flatMap((k) => FAULTS.filter((fault) => picked(k, fault)).map((fault) => ({ k, fault })));
}

/** Runs all cases, one at a time on each bench. */
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
