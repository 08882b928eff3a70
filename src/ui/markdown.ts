import pc from 'picocolors';
import type { Change, Status } from '../engine/types.ts';
import type { Json } from '../json.ts';
import { documentLines, isOfDocuments } from './changes.ts';
import { shown } from './foreign.ts';
import { code, details, literal, row } from './markdown-text.ts';
import { reportSummary } from './plan.ts';
import { STATUS_WORDS } from './status-words.ts';
import { placeText } from './text.ts';
import { inline } from './values.ts';
import type { ExplainedFinding, RunView } from './view.ts';

/** With more resources than this, the diagram shows only those that are not in sync. */
const MAX_DRAWN = 40;

/**
 * A report in GitHub's Markdown: how many resources drifted and how, what to do next, and a diagram of all resources.
 * `orphans`: resources that are no longer in the config, whose warnings come first.
 */
export function planMarkdown(
  run: RunView,
  given: readonly ExplainedFinding[],
  orphans: readonly ExplainedFinding[] = [],
): string {
  const findings = shown(given);
  const different = findings.filter(({ status }) => status !== 'in-sync');
  return [
    `### crc verify: account ${literal(placeText(shown(run)))}`,
    '',
    `**${reportSummary(findings)}**`,
    ...(different.length === 0 ? [] : ['', ...table(different), '', ...nextSteps(different)]),
    ...warningList([...shown(orphans), ...findings]),
    ...details('All resources', table(findings)),
    '',
    ...diagram(findings),
  ].join('\n');
}

function table(findings: readonly ExplainedFinding[]): readonly string[] {
  const rows = findings.flatMap(({ id, status, changes, error }) => {
    const cells = error === undefined ? changes.map(changeCells) : [['', '', '', literal(error.message)]];
    const written = cells.length === 0 ? [['', '', '', '']] : cells;
    return written.map((cells) => row([code(id), STATUS_WORDS[status], ...cells]));
  });
  return [row(['resource', 'status', 'path', 'live', 'expected', 'why']), row(Array(6).fill('---')), ...rows];
}

/** Risks in the config or in the account, which are not drift. */
function warningList(findings: readonly ExplainedFinding[]): readonly string[] {
  const lines = findings.flatMap(({ id, warnings }) => warnings.map((warning) => `- ${code(id)}: ${literal(warning)}`));
  return lines.length === 0 ? [] : ['', '**Warnings**', '', ...lines];
}

/** One line for each kind of problem, with the command that fixes it. */
function nextSteps(findings: readonly ExplainedFinding[]): readonly string[] {
  const has = (...statuses: readonly Status[]) => findings.some(({ status }) => statuses.includes(status));
  const isRefused = findings.some(({ error }) => error?.fatal);
  const hasUnlisted = findings.some(({ changes }) => changes.some(({ kind }) => kind === 'remove'));
  return [
    '**What to do next**',
    '',
    ...(isRefused && has('absent', 'drifted', 'conflict')
      ? ['- `crc bootstrap` writes nothing until what could not be read is resolved.']
      : []),
    ...(!isRefused && has('absent', 'drifted')
      ? [
          '- `crc bootstrap --dry-run` shows how crc would fix this, and `crc bootstrap` fixes it. If the config is out of date, change the config.',
        ]
      : []),
    ...(!isRefused && hasUnlisted
      ? ['- Policies that are not in the config: add them to it, or `crc bootstrap --prune` removes them.']
      : []),
    ...(has('conflict') ? ['- Conflicts are never overwritten. Each one explains why, and how to resolve it.'] : []),
    ...findings.flatMap(({ id, error }) =>
      error === undefined
        ? []
        : [`- ${code(id)} could not be read. ${literal([error.hint, ...error.alternatives].join(' '))}`],
    ),
  ];
}

/** The dependencies, coloured by status. */
function diagram(findings: readonly ExplainedFinding[]): readonly string[] {
  const drawn = findings.length > MAX_DRAWN ? findings.filter(({ status }) => status !== 'in-sync') : findings;
  const top = drawn.slice(0, MAX_DRAWN);
  const nodes = new Map(top.map(({ id }, index) => [id, `r${index}`]));
  const edges = top.flatMap(({ id, needs }) =>
    needs.flatMap((need) => (nodes.has(need) ? [`  ${nodes.get(need)} --> ${nodes.get(id)}`] : [])),
  );
  const left = findings.length - top.length;
  return [
    '```mermaid',
    'flowchart LR',
    ...top.map(
      ({ id, status }) => `  ${nodes.get(id)}["${label(id)}<br>${STATUS_WORDS[status]}"]:::${status.replace('-', '')}`,
    ),
    ...(left === 0 ? [] : [`  rest["${left} more"]:::insync`]),
    ...edges,
    '  classDef insync fill:#dafbe1,stroke:#1a7f37,color:#1f2328',
    '  classDef absent fill:#ddf4ff,stroke:#0969da,color:#1f2328',
    '  classDef drifted fill:#fff8c5,stroke:#9a6700,color:#1f2328',
    '  classDef conflict fill:#ffebe9,stroke:#cf222e,color:#1f2328',
    '  classDef unread fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-dasharray:4',
    '```',
  ];
}

/** Escapes quotes and markup, which are not plain text in a Mermaid label. */
function label(text: string): string {
  return text.replace(/[^\w/.:@+=,-]/g, '_');
}

function changeCells(change: Change): readonly string[] {
  if (change.kind === 'create') return ['', '', '', ''];
  const why = change.why ?? '';
  if (isOfDocuments(change)) return [code(change.path), ...policyCells(change), literal(why)];
  return [code(change.path), ...[inline(change.live), inline(change.want), why].map(literal)];
}

/** The differing statements of two policies, in one cell for each side. */
function policyCells({ live, want }: { readonly live: Json; readonly want: Json }): readonly string[] {
  const lines = documentLines(live, want, pc.createColors(false)).map((line) => line.slice(SIGN_AT));
  return ['-', '+'].map((sign) =>
    lines
      .filter((line) => line.startsWith(sign) || line.startsWith(' '))
      .map((line) => literal(line.slice(1).trim()))
      .join('<br>'),
  );
}

/** The position of a diff line's sign. */
const SIGN_AT = 4;
