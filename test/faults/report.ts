import { readFileSync, writeFileSync } from 'node:fs';
import { counted } from '../../src/counted.ts';
import type { MatrixResult } from './matrix.ts';

const FILE = new URL('../../docs/reliability.md', import.meta.url);

/** Replaces the section between two markers in docs/reliability.md. */
export function writeSection(name: string, text: string): void {
  const document = readFileSync(FILE, 'utf8');
  const section = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!section.test(document)) throw new Error(`docs/reliability.md has no section ${name}`);
  writeFileSync(
    FILE,
    document.replace(section, (_, start: string, end: string) => `${start}${text}${end}`),
  );
}

/** A Markdown table of a run's results with one row for each fault. */
export function matrixTable({ run, calls, faults, statesCompared }: MatrixResult): string {
  const rows = Object.entries(faults);
  const sum = (key: 'cases' | 'recovered' | 'succeeded') => rows.reduce((total, [, row]) => total + row[key], 0);
  return [
    `### ${run}: ${calls} calls`,
    '',
    '| fault | cases | survived | of these healed in the same run |',
    '| --- | ---: | ---: | ---: |',
    ...rows.map(([name, { cases, recovered, succeeded }]) => `| ${name} | ${cases} | ${recovered} | ${succeeded} |`),
    `| **all** | **${sum('cases')}** | **${sum('recovered')}** | **${sum('succeeded')}** |`,
    '',
    `${statesCompared} end states compared with that of an undisturbed run; ${counted(sum('cases') - sum('recovered'), 'case')} lost.`,
    '',
  ].join('\n');
}
