import { ratiosOf, type Spread, spreadOf, type Times } from './measure.ts';

/** A Markdown table with each program's seconds and its run time relative to `baseline`. */
export function timesTable(times: Times, baseline: string): string {
  const rows = [...times].map(([name, values]) => {
    const { min, median, max } = spreadOf(values);
    const seconds = [min, median, max].map((time) => (time / 1_000).toFixed(2)).join(' / ');
    return `| ${name} | ${seconds} | ${name === baseline ? '1' : ratioText(ratiosOf(times, name, baseline))} |`;
  });
  return [
    '| | seconds: min / median / max | times as long: min / median / max |',
    '| --- | ---: | ---: |',
    ...rows,
  ].join('\n');
}

export function ratioText({ min, median, max }: Spread): string {
  return [min, median, max].map((time) => time.toFixed(2)).join(' / ');
}

/** A bar chart of medians in Mermaid. */
export function chart(title: string, bars: readonly (readonly [name: string, seconds: number])[]): string {
  const names = bars.map(([name]) => `"${name}"`).join(', ');
  const values = bars.map(([, seconds]) => seconds.toFixed(2)).join(', ');
  return [
    '```mermaid',
    'xychart-beta',
    `  title "${title}"`,
    `  x-axis [${names}]`,
    '  y-axis "seconds"',
    `  bar [${values}]`,
    '```',
  ].join('\n');
}

export function medianSeconds(times: Times, name: string): number {
  return spreadOf(times.get(name) ?? []).median / 1_000;
}
