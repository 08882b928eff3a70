import type { Change } from '../engine/types.ts';
import { inline } from './values.ts';
import type { ResourceView, RunView } from './view.ts';

/** The plan as a table in GitHub's Markdown, for reports. */
export function planMarkdown({ accountId, region }: RunView, views: readonly ResourceView[]): string {
  const rows = views.flatMap(({ finding, error }) => {
    const details = error === undefined ? finding.changes.map(changeCells) : [['', '', '', literal(error.message)]];
    const shown = details.length === 0 ? [['', '', '', '']] : details;
    return shown.map((cells) => row([`\`${finding.id}\``, finding.status, ...cells]));
  });
  return [
    `### crc verify: account ${accountId}, ${region}`,
    '',
    row(['resource', 'status', 'path', 'live', 'wanted', 'why']),
    row(['---', '---', '---', '---', '---', '---']),
    ...rows,
  ].join('\n');
}

function changeCells(change: Change): readonly string[] {
  if (change.kind === 'create') return ['', 'absent', 'created', ''];
  const why = change.kind === 'conflict' ? change.why : '';
  return [`\`${change.path}\``, ...[inline(change.live), inline(change.want), why].map(literal)];
}

/** Values hold what Markdown would take for emphasis, code, links or HTML: `repo:a/b:*, repo:c/d:*`. */
function literal(text: string): string {
  return text.replace(/[\\`*[<]/g, '\\$&');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((one) => one.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}
