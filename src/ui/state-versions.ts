import pc from 'picocolors';
import { jsonText } from '../json.ts';
import { shown } from './foreign.ts';
import { costOf, headOf } from './json.ts';
import { cell, type NamedView, stateTitle, type TextStyle, timeText } from './state-common.ts';
import { tableLines } from './table.ts';
import type { RunView } from './view.ts';

/** One version of a state. */
export interface StateVersionView {
  readonly versionId: string;
  readonly serial: number | null;
  readonly lineage: string | null;
  readonly terraformVersion: string | null;
  readonly resources: number | null;
  readonly modified: string;
  readonly latest: boolean;
  /** A delete marker. */
  readonly deleted: boolean;
  readonly retainedUntil: string | null;
  readonly size: number;
}

export function stateHistoryDocument(run: RunView, state: NamedView, versions: readonly StateVersionView[]): string {
  return jsonText({ ...headOf(run), status: 'ok', ...state, versions, ...costOf(run) });
}

export function stateHistoryText(
  state: NamedView,
  given: readonly StateVersionView[],
  { color, columns }: TextStyle,
): string {
  const versions = shown(given);
  const { dim, bold, yellow } = pc.createColors(color);
  const table = {
    head: ['', 'SERIAL', 'RESOURCES', 'WRITTEN', 'TERRAFORM', 'KEPT UNTIL', 'VERSION'],
    rows: backwards(versions).map(({ version, back }) => [
      back,
      version.deleted ? 'deleted' : cell(version.serial),
      version.deleted ? '' : cell(version.resources),
      timeText(version.modified),
      version.deleted ? '' : (version.terraformVersion ?? '-'),
      version.retainedUntil === null ? '' : timeText(version.retainedUntil),
      version.versionId,
    ]),
    right: [1, 2],
    wide: 6,
  };
  const [head = '', ...lines] = tableLines(table, columns);
  const newest = versions.find(({ lineage }) => lineage !== null)?.lineage;
  return [
    bold(shown(stateTitle(state))),
    dim(head),
    ...lines.flatMap((line, index) => {
      const lineage = versions[index]?.lineage ?? null;
      const other = lineage !== null && lineage !== newest;
      return [line, ...(other ? [yellow(`    of another lineage: ${lineage}`)] : [])];
    }),
  ].join('\n');
}

/** `~0` for the newest version that holds a state, `~1` for the one before. */
function backwards(versions: readonly StateVersionView[]) {
  let count = 0;
  return versions.map((version) => ({ version, back: version.deleted ? '' : `~${count++}` }));
}

/** What changed between two versions, without any attribute value. */
export interface StateDiffView {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly moved: readonly { readonly from: string; readonly to: string }[];
  readonly changed: readonly { readonly address: string; readonly attributes: readonly string[] }[];
}

export interface VersionName {
  readonly versionId: string;
  readonly serial: number | null;
}

export function stateDiffDocument(
  run: RunView,
  state: NamedView,
  from: VersionName,
  to: VersionName,
  diff: StateDiffView,
): string {
  return jsonText({ ...headOf(run), status: 'ok', ...state, from, to, ...diff, ...costOf(run) });
}

export function stateDiffText(given: StateDiffView, color: boolean): string {
  const { added, removed, moved, changed } = shown(given);
  const { green, red, yellow, cyan } = pc.createColors(color);
  const lines = [
    ...added.map((address) => green(`+ ${address}`)),
    ...removed.map((address) => red(`- ${address}`)),
    ...moved.map(({ from, to }) => cyan(`> ${from} moved to ${to}`)),
    ...changed.map(({ address, attributes }) => `${yellow('~')} ${address}: ${attributes.join(', ')}`),
  ];
  return lines.length === 0 ? 'No differences.' : lines.join('\n');
}

/** `2 added, 1 removed, 3 changed`; empty without differences. */
export function stateDiffCounts({ added, removed, moved, changed }: StateDiffView): string {
  const counts = [
    [added.length, 'added'],
    [removed.length, 'removed'],
    [moved.length, 'moved'],
    [changed.length, 'changed'],
  ] as const;
  return counts.flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`])).join(', ');
}
