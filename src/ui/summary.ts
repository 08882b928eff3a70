import type { Outcome } from '../engine/outcome.ts';
import type { Status } from '../engine/types.ts';
import { type ExplainedFinding, hasUnlisted, isFreeToAdopt, type OutcomeView } from './view.ts';
import { waitingIds } from './waiting.ts';

/** How many ids a line names. */
const MAX_NAMED = 4;

/** How to make the account match the config again, each resource once, as lines; empty if nothing differs. */
export function remedyLines(findings: readonly ExplainedFinding[]): readonly string[] {
  const waiting = waitingIds(findings);
  const ready = findings.filter(({ id }) => !waiting.has(id));
  const ids = (isOne: (finding: ExplainedFinding) => boolean) => ready.filter(isOne).map(({ id }) => id);
  const hasStatus = (status: Status) => (finding: ExplainedFinding) => finding.status === status;
  const isConflict = hasStatus('conflict');
  const fatal = ids(({ error }) => error?.fatal === true);
  if (fatal.length > 0 && ready.some(({ status }) => status !== 'in-sync' && status !== 'unread')) {
    const what = 'resolved before `crc bootstrap` writes anything';
    return group(fatal, `must be ${what}`, `must be ${what}`);
  }
  return [
    ...group(ids(hasStatus('absent')), 'is created by `crc bootstrap`', 'are created by `crc bootstrap`'),
    ...group(
      ids((finding) => hasStatus('drifted')(finding) && !hasUnlisted(finding)),
      'is fixed by `crc bootstrap`',
      'are fixed by `crc bootstrap`',
    ),
    ...group(ids(hasUnlisted), 'needs `crc bootstrap --prune`', 'need `crc bootstrap --prune`'),
    ...group(
      ids((finding) => isConflict(finding) && isFreeToAdopt(finding)),
      'needs `crc bootstrap --adopt`',
      'need `crc bootstrap --adopt`',
    ),
    ...group(
      ids((finding) => isConflict(finding) && finding.adoptable && !isFreeToAdopt(finding)),
      'belongs to another project: choose another name in the config, or take it over with --adopt if that project no longer uses it',
      'belong to other projects: choose other names in the config, or take them over with --adopt if those projects no longer use them',
    ),
    ...group(
      ids((finding) => isConflict(finding) && !finding.adoptable),
      'must be resolved manually, as explained above',
      'must be resolved manually, as explained above',
    ),
    ...group(
      [...waiting],
      'is waiting for a required resource; the next `crc bootstrap` fixes it',
      'are waiting for required resources; the next `crc bootstrap` fixes them',
    ),
  ];
}

const DONE = ['created', 'updated', 'unchanged'] as const;

/**
 * How a run that writes ended: what was done, or what is left to do, as lines. `interrupted`: the rest was not tried.
 */
export function outcomeSummary(
  outcomes: readonly OutcomeView[],
  { command, interrupted = false }: { readonly command: string; readonly interrupted?: boolean },
): string[] {
  const ids = (...some: readonly Outcome[]) =>
    outcomes.filter(({ outcome }) => some.includes(outcome)).map(({ id }) => id);
  const lacking = (flag: OutcomeView['lacks']) => outcomes.filter(({ lacks }) => lacks === flag).map(({ id }) => id);
  const left = outcomes.filter(({ outcome }) => !DONE.some((done) => done === outcome)).length;
  const counts = [
    [ids('created').length, 'created'],
    [ids('updated').length, 'changed'],
    [ids('unchanged').length, 'unchanged'],
  ] as const;
  if (left === 0) return [`Done. ${listed(counts, ['created', 'changed'])}.`];
  const done = counts[0][0] + counts[1][0] > 0 ? [`${listed(counts)}.`] : [];
  if (interrupted) return [...done, ...group(ids('not-started'), 'was not started', 'were not started')];
  // Resources that wait for others need no attention themselves.
  const waiting = ids('not-started');
  const blocked = outcomes.filter(({ waits }) => waits).map(({ id }) => id);
  const broken = left - waiting.length - blocked.length || left;
  const needs = broken === 1 ? '1 resource needs attention. Fix it' : `${broken} resources need attention. Fix them`;
  return [
    `Incomplete: ${needs} and rerun \`crc ${command}\`.`,
    ...done,
    ...(broken === left ? [] : group(waiting, 'was not started', 'were not started')),
    ...(broken === left ? [] : group(blocked, 'waits for others', 'wait for others')),
    ...group(
      lacking('adopt'),
      'is not managed by this project; --adopt changes it as the plan shows',
      'are not managed by this project; --adopt changes them as the plan shows',
    ),
    ...group(
      lacking('prune'),
      'has something that is not in the config; --prune removes it',
      'have something that is not in the config; --prune removes it',
    ),
  ];
}

/** `  2 need --prune: role/A, role/B` */
function group(ids: readonly string[], singular: string, plural: string): readonly string[] {
  if (ids.length === 0) return [];
  const named = ids.slice(0, MAX_NAMED).join(', ');
  const more = ids.length > MAX_NAMED ? `, and ${ids.length - MAX_NAMED} more` : '';
  return [`  ${ids.length} ${ids.length === 1 ? singular : plural}: ${named}${more}`];
}

/** `2 created, 0 changed`: counts of zero are left out, except those that are always shown. */
function listed(counts: readonly (readonly [count: number, what: string])[], always: readonly string[] = []): string {
  return counts
    .flatMap(([count, what]) => (count === 0 && !always.includes(what) ? [] : [`${count} ${what}`]))
    .join(', ');
}
