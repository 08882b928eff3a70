import pc from 'picocolors';
import { jsonText } from '../json.ts';
import { shown } from './foreign.ts';
import { costOf, headOf } from './json.ts';
import type { RunView } from './view.ts';

/** A lock on a state, as it is shown. */
export interface LockView {
  readonly id: string | null;
  readonly who: string | null;
  /** `OperationTypeApply` */
  readonly operation: string | null;
  /** RFC 3339 */
  readonly created: string | null;
}

/** One state of a bucket. Numbers are null for what is no state that crc can read. */
export interface StateView {
  readonly key: string;
  readonly workspace: string;
  readonly serial: number | null;
  readonly resources: number | null;
  /** Bytes. */
  readonly size: number;
  /** ISO 8601 */
  readonly modified: string;
  readonly terraformVersion: string | null;
  readonly lock: LockView | null;
  readonly declared: boolean;
  readonly digest: 'match' | 'mismatch' | 'none';
  /** What it is, where it is no state that crc can read. */
  readonly kind: 'state' | 'encrypted' | 'unreadable';
}

export interface DeletedStateView {
  readonly key: string;
  readonly workspace: string;
  readonly versions: number;
}

export function stateListDocument(
  run: RunView,
  states: readonly StateView[],
  deleted: readonly DeletedStateView[],
): string {
  return jsonText({ ...headOf(run), status: 'ok', states, deleted, ...costOf(run) });
}

/** A table of the states, with what is wrong with one below its line. */
export function stateListText(
  given: readonly StateView[],
  givenDeleted: readonly DeletedStateView[],
  color: boolean,
): string {
  const states = shown(given);
  const { dim, yellow } = pc.createColors(color);
  const rows = table(
    ['STATE', 'SERIAL', 'RESOURCES', 'SIZE', 'CHANGED', 'TERRAFORM'],
    states.map((state) => [
      nameOf(state),
      cell(state.serial),
      cell(state.resources),
      sizeText(state.size),
      timeText(state.modified),
      state.terraformVersion ?? '-',
    ]),
    [1, 2, 3],
  );
  const [head, ...lines] = rows;
  const text = lines.flatMap((line, index) => {
    const state = states[index];
    return [line, ...(state === undefined ? [] : notesOf(state).map((note) => yellow(`  ${note}`)))];
  });
  const deleted = shown(givenDeleted).map((state) =>
    dim(`${nameOf(state)} was deleted; ${countText(state.versions, 'version')} of it can be restored.`),
  );
  return [
    ...(states.length === 0 ? ['No states.'] : [dim(head ?? ''), ...text]),
    ...(deleted.length === 0 ? [] : ['', ...deleted]),
  ].join('\n');
}

function notesOf({ kind, lock, digest, declared }: StateView): readonly string[] {
  return [
    ...(kind === 'encrypted' ? ['encrypted by OpenTofu'] : []),
    ...(kind === 'unreadable' ? ['not a readable state'] : []),
    ...(lock === null ? [] : [`locked${lockDetails(lock)}`]),
    ...(digest === 'mismatch' ? ['its digest in the lock table does not match'] : []),
    ...(declared ? [] : ['no role of the config has it']),
  ];
}

/** ` by alice@laptop since 2026-11-25T10:00:00Z (apply, lock ID 1234)` */
export function lockDetails({ id, who, operation, created }: LockView): string {
  const details = [
    ...(operation === null ? [] : [operation.replace(/^OperationType/, '').toLowerCase()]),
    ...(id === null ? [] : [`lock ID ${id}`]),
  ];
  return [
    ...(who === null ? [] : [` by ${who}`]),
    ...(created === null ? [] : [` since ${created}`]),
    ...(details.length === 0 ? [] : [` (${details.join(', ')})`]),
  ].join('');
}

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

export function stateHistoryDocument(run: RunView, state: Named, versions: readonly StateVersionView[]): string {
  return jsonText({ ...headOf(run), status: 'ok', ...state, versions, ...costOf(run) });
}

interface Named {
  readonly key: string;
  readonly workspace: string;
}

export function stateHistoryText(state: Named, given: readonly StateVersionView[], color: boolean): string {
  const versions = shown(given);
  const { dim, bold, yellow } = pc.createColors(color);
  const [head = '', ...lines] = table(
    ['', 'VERSION', 'SERIAL', 'RESOURCES', 'WRITTEN', 'TERRAFORM', 'KEPT UNTIL'],
    backwards(versions).map(({ version, back }) => [
      back,
      version.versionId,
      version.deleted ? 'deleted' : cell(version.serial),
      version.deleted ? '' : cell(version.resources),
      timeText(version.modified),
      version.deleted ? '' : (version.terraformVersion ?? '-'),
      version.retainedUntil === null ? '' : timeText(version.retainedUntil),
    ]),
    [2, 3],
  );
  const newest = versions.find(({ lineage }) => lineage !== null)?.lineage;
  return [
    bold(shown(nameOf(state))),
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

/** What changed between two versions: no value of an attribute is in it. */
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
  state: Named,
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

/** `2 added, 1 removed, 3 changed` */
export function stateDiffCounts({ added, removed, moved, changed }: StateDiffView): string {
  const counts = [
    [added.length, 'added'],
    [removed.length, 'removed'],
    [moved.length, 'moved'],
    [changed.length, 'changed'],
  ] as const;
  const text = counts.flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`])).join(', ');
  return text === '' ? 'no differences' : text;
}

export interface StateProblemView {
  readonly id: string;
  readonly key: string;
  readonly message: string;
  readonly fix: string;
}

export function stateCheckDocument(
  run: RunView,
  problems: readonly StateProblemView[],
  fixed: readonly string[] | undefined,
): string {
  return jsonText({
    ...headOf(run),
    status: problems.length === 0 ? 'ok' : 'problems',
    problems,
    fixed,
    ...costOf(run),
  });
}

export function stateCheckText(
  given: readonly StateProblemView[],
  fixed: readonly string[],
  states: number,
  color: boolean,
): string {
  const problems = shown(given);
  const set = shown(fixed).map((key) => `Set the digest of ${key}.`);
  const { red, green, dim } = pc.createColors(color);
  if (problems.length === 0) return [...set, `${green('✓')} ${countText(states, 'state')}, no problems.`].join('\n');
  return [
    ...set,
    ...problems.flatMap(({ id, message, fix }) => [`${red('!')} ${message} ${dim(`[${id}]`)}`, `  ${fix}`, '']),
    `${countText(problems.length, 'problem')} in ${countText(states, 'state')}.`,
  ].join('\n');
}

export function restoredDocument(run: RunView, outcome: object): string {
  return jsonText({ ...headOf(run), ...outcome, ...costOf(run) });
}

function nameOf({ key, workspace }: Named): string {
  return workspace === 'default' ? key : `${key} (workspace ${workspace})`;
}

function cell(value: number | null): string {
  return value === null ? '-' : String(value);
}

/** Bytes, as a person reads them: `812 B`, `34 KB`, `1.2 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** ISO 8601 as `2026-11-25 10:11 UTC` */
export function timeText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

export function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Lines with columns as wide as their widest cell. `right`: columns of numbers. */
function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[],
): readonly string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((text, column) =>
        right.includes(column) ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}
