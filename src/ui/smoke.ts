import pc from 'picocolors';
import { foreign, shown } from './foreign.ts';
import { closingText, type ResultOptions } from './result.ts';
import { outcomeText } from './text.ts';
import type { OutcomeView } from './view.ts';

/** A smoke test of one function. */
export interface SmokeView {
  readonly functionName: string;
  readonly mode: 'remote' | 'local' | 'skipped';
  readonly ok: boolean;
  readonly lines: readonly string[];
  readonly log: string;
  /** The test was requested, but could not run. */
  readonly couldNotRun?: boolean;
  /** The test failed, and this version is live again. */
  readonly restoredTo?: string;
}

const HOW = { remote: ', on AWS', local: ', on this machine, not on AWS', skipped: '' } as const;

/** What a smoke test did and observed, with the function's log if it failed. */
export function smokeText(view: SmokeView, color: boolean): string {
  // A log is one text of many lines.
  const { functionName, mode, ok, lines } = shown(view);
  const { green, red, yellow, dim } = pc.createColors(color);
  const paint = ok ? (mode === 'skipped' ? yellow : green) : red;
  return [
    `${paint(`Smoke test ${verdict(view)}${HOW[mode]}`)}: ${functionName}`,
    ...lines.map((line) => `  ${line}`),
    ...logLines(view.log).map((line) => dim(`  | ${line}`)),
  ].join('\n');
}

function verdict({ mode, ok, couldNotRun }: SmokeView): string {
  if (couldNotRun) return 'could not run';
  return mode === 'skipped' ? 'skipped' : ok ? 'passed' : 'failed';
}

/** How a deployment ended: outcomes, tests, and the summary. A deployment is only done if no test failed. */
export function deploymentText(
  outcomes: readonly OutcomeView[],
  tests: readonly SmokeView[],
  options: ResultOptions,
): string {
  const isUnchanged = outcomes.every(({ outcome }) => outcome === 'unchanged');
  const failed = tests.filter((test) => test.mode !== 'skipped' && !test.ok);
  return [
    ...(isUnchanged ? [] : ['', outcomeText(outcomes, options.color)]),
    ...(isUnchanged ? [] : tests.map((test) => `\n${smokeText(test, options.color)}`)),
    '',
    ...(failed.length === 0 ? [closingText(outcomes, options)] : failed.map(failureText)),
    ...untestedText(tests),
    '',
  ].join('\n');
}

function failureText(given: SmokeView): string {
  const { functionName, couldNotRun, restoredTo } = shown(given);
  const cause = couldNotRun ? 'could not be tested' : 'failed its smoke test';
  return restoredTo === undefined
    ? `Failed: ${functionName} ${cause}, and was not rolled back.`
    : `Failed: ${functionName} ${cause}, and was rolled back to version ${restoredTo}.`;
}

/** Deployed, but not tested. */
function untestedText(tests: readonly SmokeView[]): readonly string[] {
  const names = tests
    .filter(({ ok, couldNotRun }) => ok && couldNotRun)
    .map(({ functionName }) => foreign(functionName));
  return names.length === 0 ? [] : [`Not tested: ${names.join(', ')}.`];
}

/** A log or a body, line by line, without trailing empty lines. Lambda's logs use `\r` for line breaks. */
export function logLines(log: string): readonly string[] {
  return log.trim() === ''
    ? []
    : log
        .trimEnd()
        .split(/\r\n?|\n/)
        .map((line) => foreign(line.replaceAll('\t', '    ')));
}

/**
 * A function's answer: its status and body; lines of a multi-line body are marked, so that none looks like crc's own.
 */
export function answerText(status: string, body: string): string {
  const lines = logLines(body);
  return [foreign(status), ...(lines.length > 1 ? lines.map((line) => `| ${line}`) : lines)].join('\n');
}
