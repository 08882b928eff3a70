import { beforeAll, expect, it } from 'vitest';
import { project } from '../helpers/configs.ts';
import { errorDocumentSchema, planDocumentSchema } from '../helpers/documents.ts';
import { type WireCall, withoutRetries } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';
import { type Bench, useBenches } from './bench.ts';
import { FULL, OFFSET } from './cases.ts';
import { READ_FAULTS, type ReadFault, resourcesNeeding } from './reads.ts';
import { writeSection } from './report.ts';

// CRC_FAULTS=full: each fault at each read, and the table in docs/reliability.md. Otherwise one fault for each read.
const BENCHES = FULL ? 4 : 2;

const keyOf = ({ method, path, body }: WireCall) => `${method} ${path} ${body}`;

/** An unreadable resource is not reported as absent, in sync or drifted, and does not hide other findings. */
describeWith('moto', 'verify when a read fails permanently', () => {
  const cwd = project();
  const benches = useBenches(BENCHES);
  let reads: readonly WireCall[] = [];
  beforeAll(async () => {
    for (const bench of benches()) {
      await bench.reset();
      expect((await bench.crc(cwd, ['bootstrap'])).code).toBe(0);
      bench.proxy.calls.length = 0;
      expect((await bench.crc(cwd, ['verify'])).code).toBe(0);
      reads = withoutRetries(bench.proxy.calls);
    }
  });

  async function problemsOf(bench: Bench, read: WireCall, fault: ReadFault): Promise<readonly string[]> {
    bench.proxy.intercept = async (call, _, response) => {
      if (keyOf(call) !== keyOf(read)) return 'pass';
      fault.strike(response, call);
      return 'handled';
    };
    const { code, stdout, stderr } = await bench.crc(cwd, ['verify']);
    const problems: string[] = [];
    if (code !== 1) problems.push(`exit ${code}`);
    if (/\n {4}at /.test(stdout + stderr)) problems.push('a stack trace');
    const affected = resourcesNeeding(read);
    if (affected.length === 0) {
      const parsed = errorDocumentSchema.safeParse(JSON.parse(stdout));
      return parsed.success ? problems : [...problems, `no error document: ${stdout}`];
    }
    const document = planDocumentSchema.parse(JSON.parse(stdout));
    if (document.status !== 'failed') problems.push(`status ${document.status}`);
    // An unreadable list is reported as a separate finding.
    const lists = affected.filter((id) => id.endsWith('/*')).length;
    if (document.findings.length !== 10 + lists) problems.push(`${document.findings.length} findings`);
    const notInSync = document.findings.filter(({ status }) => status !== 'in-sync');
    if (notInSync.length === 0) problems.push('all in sync');
    for (const { id, status, changes, error } of notInSync) {
      if (status !== 'unread') problems.push(`${id} is ${status}: ${JSON.stringify(changes)}`);
      else if (!error?.message || !error.hint) problems.push(`${id} is unread without a reason`);
      if (!affected.includes(id)) problems.push(`${id} is ${status}, and has nothing to do with it`);
    }
    return problems;
  }

  it(
    'reports the resource as unread, exits with 1, and reports the rest',
    async () => {
      expect(reads.length).toBe(33);
      const cases = reads.flatMap((read, index) => {
        return READ_FAULTS.filter((_, turn) => FULL || turn === (index + OFFSET) % READ_FAULTS.length).map((fault) => ({
          read,
          fault,
        }));
      });
      const queue = [...cases];
      const violations: string[] = [];
      const counts = new Map<string, { cases: number; right: number }>();
      await Promise.all(
        benches().map(async (bench) => {
          for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
            const problems = await problemsOf(bench, next.read, next.fault);
            violations.push(...problems.map((problem) => `${next?.fault.name} at ${next?.read.name}: ${problem}`));
            const row = counts.get(next.fault.name) ?? { cases: 0, right: 0 };
            counts.set(next.fault.name, {
              cases: row.cases + 1,
              right: row.right + (problems.length === 0 ? 1 : 0),
            });
          }
        }),
      );
      if (FULL) writeSection('reads', table(counts));
      expect(violations).toEqual([]);
    },
    FULL ? 3_600_000 : 300_000,
  );
});

function table(counts: ReadonlyMap<string, { readonly cases: number; readonly right: number }>): string {
  const rows = READ_FAULTS.map(({ name }) => `| ${name} | ${counts.get(name)?.cases} | ${counts.get(name)?.right} |`);
  return [
    '| what each try of the read meets | reads | unread, exit 1, the rest reported |',
    '| --- | ---: | ---: |',
    ...rows,
    '',
  ].join('\n');
}
