import { expect, it } from 'vitest';
import { describeWith } from '../helpers/require.ts';
import { useBenches } from './bench.ts';
import { BENCHES, FULL, OFFSET, RUN_TIMEOUT } from './cases.ts';
import { FAULTS, type Fault } from './faults.ts';
import { runMatrix } from './matrix.ts';
import { matrixTable, writeSection } from './report.ts';
import { RUNS } from './runs.ts';

/**
 * One fault at one call of one run, then a run without. CRC_FAULTS=full takes all calls and all faults, and writes a table
 * into docs/reliability.md; otherwise it is a sample, every eleventh call with the faults in turn, whose start
 * CRC_FAULTS_OFFSET moves.
 */
const STEP = 11;

function picked(k: number, fault: Fault): boolean {
  if (FULL) return true;
  return (k + OFFSET) % STEP === 0 && fault === FAULTS[Math.floor((k + OFFSET) / STEP) % FAULTS.length];
}

describeWith('moto', 'one fault at one call', () => {
  const benches = useBenches(BENCHES);

  it.each(RUNS)(
    'of $name: ends as if it had not happened',
    async (run) => {
      const result = await runMatrix(run, benches(), picked);
      if (FULL) writeSection(`faults: ${run.id}`, matrixTable(result));
      const cases = Object.values(result.faults).reduce((total, row) => total + row.cases, 0);
      process.stderr.write(
        `${result.run}: ${result.calls} calls, ${cases} cases, ${result.statesCompared} states compared, ${result.wrong.length} wrong\n`,
      );
      expect(result.wrong).toEqual([]);
      expect(cases).toBeGreaterThan(0);
    },
    RUN_TIMEOUT,
  );
});
