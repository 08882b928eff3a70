import { expect, it } from 'vitest';
import { describeWith } from '../helpers/require.ts';
import { useBenches } from './bench.ts';
import { BENCHES, FULL, OFFSET, RUN_TIMEOUT } from './cases.ts';
import { FAULTS, type Fault } from './faults.ts';
import { runMatrix } from './matrix.ts';
import { matrixTable, writeSection } from './report.ts';
import { RUNS } from './runs.ts';

/**
 * A run with a fault at one call, followed by a run without faults. CRC_FAULTS=full tests all faults at all calls and
 * writes a table to docs/reliability.md. Otherwise a sample is tested: every eleventh call with alternating faults,
 * starting at CRC_FAULTS_OFFSET.
 */
const STEP = 11;

function isSelected(k: number, fault: Fault): boolean {
  if (FULL) return true;
  return (k + OFFSET) % STEP === 0 && fault === FAULTS[Math.floor((k + OFFSET) / STEP) % FAULTS.length];
}

describeWith('moto', 'one fault at one call', () => {
  const benches = useBenches(BENCHES);

  it.each(RUNS)(
    'of $name: ends in the same state as without the fault',
    async (run) => {
      const result = await runMatrix(run, benches(), isSelected);
      if (FULL) writeSection(`faults: ${run.id}`, matrixTable(result));
      const cases = Object.values(result.faults).reduce((total, row) => total + row.cases, 0);
      process.stderr.write(
        `${result.run}: ${result.calls} calls, ${cases} cases, ${result.statesCompared} states compared, ${result.violations.length} violations\n`,
      );
      expect(result.violations).toEqual([]);
      expect(cases).toBeGreaterThan(0);
    },
    RUN_TIMEOUT,
  );
});
