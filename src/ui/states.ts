import pc from 'picocolors';
import { counted } from '../counted.ts';
import { jsonText } from '../json.ts';
import { shown } from './foreign.ts';
import { costOf, headOf } from './json.ts';
import { cell, stateTitle, type TextStyle, timeText } from './state-common.ts';
import { tableLines } from './table.ts';
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

/** One state in a bucket. Numbers are null if crc cannot read it as a state. */
export interface StateView {
  readonly key: string;
  readonly workspace: string;
  readonly serial: number | null;
  readonly resources: number | null;
  /** In bytes. */
  readonly size: number;
  /** ISO 8601 */
  readonly modified: string;
  readonly terraformVersion: string | null;
  readonly lock: LockView | null;
  /** Locks of other holders: clients that lock in the table and those that lock by file do not see each other. */
  readonly otherLocks: readonly LockView[];
  readonly declared: boolean;
  readonly digest: 'match' | 'mismatch' | 'none';
  /** What the object is, if crc cannot read it as a state. */
  readonly kind: 'state' | 'encrypted' | 'unreadable';
}

export interface DeletedStateView {
  readonly key: string;
  readonly workspace: string;
  readonly versions: number;
}

/** A lock on a key without a state, as during a first apply. */
export interface LockOfKeyView extends LockView {
  readonly key: string;
  readonly workspace: string;
}

/** What is in a state bucket and its lock table. */
export interface StateListView {
  readonly states: readonly StateView[];
  readonly deleted: readonly DeletedStateView[];
  readonly locks: readonly LockOfKeyView[];
}

export function stateListDocument(run: RunView, { states, deleted, locks }: StateListView): string {
  return jsonText({ ...headOf(run), status: 'ok', states, deleted, locks, ...costOf(run) });
}

/** A table of the states, with problems below each line, then what has no state. */
export function stateListText(given: StateListView, { color, columns }: TextStyle): string {
  const { states, deleted, locks } = shown(given);
  const { dim, yellow } = pc.createColors(color);
  const table = {
    head: ['STATE', 'SERIAL', 'RESOURCES', 'SIZE', 'CHANGED', 'TERRAFORM'],
    rows: states.map((state) => [
      stateTitle(state),
      cell(state.serial),
      cell(state.resources),
      sizeCell(state.size),
      timeText(state.modified),
      state.terraformVersion ?? '-',
    ]),
    right: [1, 2, 3],
    wide: 0,
  };
  const [head, ...lines] = tableLines(table, columns);
  const text = lines.flatMap((line, index) => {
    const state = states[index];
    return [line, ...(state === undefined ? [] : notesOf(state).map((note) => yellow(`  ${note}`)))];
  });
  const withoutState = [
    ...locks.map((lock) => yellow(`${stateTitle(lock)} is locked${lockDetails(lock)}; it has no state.`)),
    ...deleted.map((state) =>
      dim(`${stateTitle(state)} was deleted; ${counted(state.versions, 'version')} of it can be restored.`),
    ),
  ];
  return [
    ...(states.length === 0 ? ['No states.'] : [dim(head ?? ''), ...text]),
    ...(withoutState.length === 0 ? [] : ['', ...withoutState]),
  ].join('\n');
}

function notesOf({ kind, lock, otherLocks, digest, declared }: StateView): readonly string[] {
  return [
    ...(kind === 'encrypted' ? ['encrypted by OpenTofu'] : []),
    ...(kind === 'unreadable' ? ['not a readable state'] : []),
    ...(lock === null ? [] : [`locked${lockDetails(lock)}`]),
    ...otherLocks.map((other) => `also locked${lockDetails(other)}`),
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

export function restoredDocument(run: RunView, outcome: object): string {
  return jsonText({ ...headOf(run), ...outcome, ...costOf(run) });
}

/** `812 B`, `34 kB`, `1.2 MB`: short, so that the table fits 80 columns. */
function sizeCell(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
