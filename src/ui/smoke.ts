import pc from 'picocolors';
import { foreign, shown } from './foreign.ts';

export interface SmokeView {
  readonly functionName: string;
  readonly mode: 'remote' | 'local' | 'skipped';
  readonly ok: boolean;
  readonly lines: readonly string[];
  readonly log: string;
}

const HOW = { remote: 'on AWS', local: 'on this machine, not on AWS', skipped: 'skipped' } as const;

/** What a smoke test did and saw, with the function's log when it failed. */
export function smokeText(view: SmokeView, color: boolean): string {
  // A log is one text of many lines.
  const { functionName, mode, ok, lines } = shown(view);
  const { green, red, yellow, dim } = pc.createColors(color);
  const paint = mode === 'skipped' ? yellow : ok ? green : red;
  const verdict = mode === 'skipped' ? HOW.skipped : `${ok ? 'passed' : 'failed'}, ${HOW[mode]}`;
  return [
    `${paint(`Smoke test ${verdict}`)}: ${functionName}`,
    ...lines.map((line) => `  ${line}`),
    ...logLines(view.log).map((line) => dim(`  | ${line}`)),
  ].join('\n');
}

/** A log or a body, line by line, without its empty end. Lambda's logs have `\r` for line breaks. */
export function logLines(log: string): readonly string[] {
  return log.trim() === ''
    ? []
    : log
        .trimEnd()
        .split(/\r\n?|\n/)
        .map((line) => foreign(line.replaceAll('\t', '    ')));
}

/** What a function answered: its status, and its body; one of several lines is marked, so that none can pass for crc's. */
export function answerText(status: string, body: string): string {
  const lines = logLines(body);
  return [foreign(status), ...(lines.length > 1 ? lines.map((line) => `| ${line}`) : lines)].join('\n');
}
