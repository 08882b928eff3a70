import pc from 'picocolors';

export interface SmokeView {
  readonly functionName: string;
  readonly mode: 'remote' | 'local' | 'skipped';
  readonly ok: boolean;
  readonly lines: readonly string[];
  readonly log: string;
}

const HOW = { remote: 'on AWS', local: 'on this machine, not on AWS', skipped: 'skipped' } as const;

/** What a smoke test did and saw, with the function's log when it failed. */
export function smokeText({ functionName, mode, ok, lines, log }: SmokeView, color: boolean): string {
  const { green, red, yellow, dim } = pc.createColors(color);
  const paint = mode === 'skipped' ? yellow : ok ? green : red;
  const verdict = mode === 'skipped' ? HOW.skipped : `${ok ? 'passed' : 'failed'}, ${HOW[mode]}`;
  return [
    `${paint(`Smoke test ${verdict}`)}: ${functionName}`,
    ...lines.map((line) => `  ${line}`),
    ...logLines(log).map((line) => dim(`  | ${line}`)),
  ].join('\n');
}

/** A log, line by line, without its empty end. */
export function logLines(log: string): readonly string[] {
  return log.trim() === '' ? [] : log.trimEnd().split(/\r?\n/);
}
