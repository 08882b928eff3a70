import type { Change } from '../engine/types.ts';
import { shown } from './foreign.ts';
import { STATUS_WORDS } from './status-words.ts';
import { expectedText } from './values.ts';
import type { ExplainedFinding } from './view.ts';

/** What GitHub shows next to the run: one line per resource that is not in sync, and one per warning. */
export function annotations(given: readonly ExplainedFinding[]): readonly string[] {
  const findings = shown(given);
  return [...findings.flatMap(difference), ...findings.flatMap(warnings)];
}

function warnings({ id, warnings }: ExplainedFinding): readonly string[] {
  return warnings.map((warning) => `::warning title=${property(`crc verify: ${id}`)}::${data(warning)}`);
}

function difference({ id, status, changes, error }: ExplainedFinding): readonly string[] {
  if (status === 'in-sync') return [];
  const level = status === 'drifted' || status === 'absent' ? 'warning' : 'error';
  const message =
    error === undefined
      ? changes.map(changeText).join('; ')
      : [error.message, error.hint, ...error.alternatives].join(' ');
  return [`::${level} title=${property(`crc verify: ${id} ${STATUS_WORDS[status]}`)}::${data(message)}`];
}

function changeText(change: Change): string {
  if (change.kind === 'create') return 'not found';
  const why = change.kind === 'update' ? (change.brief ?? change.why) : undefined;
  return `${change.path}: ${expectedText(change)}${why === undefined ? '' : `: ${why}`}`;
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
