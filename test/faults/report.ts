import { readFileSync, writeFileSync } from 'node:fs';
import type { MatrixResult } from './matrix.ts';

const FILE = new URL('../../docs/reliability.md', import.meta.url);

/** Writes the section of docs/reliability.md between two markers anew. */
export function writeSection(name: string, text: string): void {
  const document = readFileSync(FILE, 'utf8');
  const section = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!section.test(document)) throw new Error(`docs/reliability.md has no section ${name}`);
  writeFileSync(
    FILE,
    document.replace(section, (_, start: string, end: string) => `${start}${text}${end}`),
  );
}

/** The results of all runs as a table in Markdown, a row for each fault. */
export function matrixTable(results: readonly MatrixResult[]): string {
  const names = [...new Set(results.flatMap(({ faults }) => Object.keys(faults)))];
  const rows = results.flatMap(({ run, calls, faults }) =>
    names.flatMap((name) => {
      const row = faults[name];
      return row === undefined
        ? []
        : [`| ${run} (${calls} calls) | ${name} | ${row.cases} | ${row.survived} | ${row.healed} |`];
    }),
  );
  const all = results.flatMap(({ faults }) => Object.values(faults));
  const sum = (key: 'cases' | 'survived' | 'healed') => all.reduce((total, row) => total + row[key], 0);
  const compared = results.reduce((total, { statesCompared }) => total + statesCompared, 0);
  return [
    '| run | fault | cases | survived | of these healed in the same run |',
    '| --- | --- | ---: | ---: | ---: |',
    ...rows,
    `| **all** | | **${sum('cases')}** | **${sum('survived')}** | **${sum('healed')}** |`,
    '',
    `${compared} end states compared with that of an undisturbed run; ${sum('cases') - sum('survived')} cases lost.`,
    '',
  ].join('\n');
}
