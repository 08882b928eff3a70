import pc from 'picocolors';
import type { Status } from '../engine/types.ts';
import { groupBy } from '../group-by.ts';
import { changeLines } from './changes.ts';
import { withoutDigests } from './code-changes.ts';
import { shown } from './foreign.ts';
import { blocksText, grouped, rowsOf } from './rows.ts';
import { remedyLines } from './summary.ts';
import { errorLines } from './text.ts';
import { type ExplainedFinding, hasUnlisted, isFreeToAdopt } from './view.ts';
import { waitingIds } from './waiting.ts';
import { sharedTags, wantedLines } from './wanted.ts';

export interface PlanTextOptions {
  readonly color: boolean;
  /** Set with --prune: policies that are not in the config are removed, so nothing about them is left to decide. */
  readonly prune?: boolean;
  /** Every fact of what will be created, full policies, and one line per resource in sync. */
  readonly details?: boolean;
  /** Resources that are no longer in the config, of which only warnings are shown. */
  readonly orphans?: readonly ExplainedFinding[];
  /** What others need and this run does not write. */
  readonly beside?: readonly ExplainedFinding[];
}

/** `plan`: what will be done. `report`: what was found. */
type Purpose = 'plan' | 'report';

interface Frame extends PlanTextOptions {
  readonly purpose: Purpose;
  readonly colors: ReturnType<typeof pc.createColors>;
}

interface Group {
  readonly status: Exclude<Status, 'in-sync'>;
  readonly heading: string;
  /** Selects among the resources with that status. */
  readonly isMember?: (finding: ExplainedFinding) => boolean;
}

/** Groups of resources in the order of display, with their headings. */
function groupsOf({ purpose, prune = false, beside }: Frame, findings: readonly ExplainedFinding[]): readonly Group[] {
  if (purpose === 'report') {
    return [
      { status: 'absent', heading: 'Not found' },
      { status: 'drifted', heading: 'Drifted' },
      { status: 'conflict', heading: 'In conflict' },
      { status: 'unread', heading: 'Could not be read' },
    ];
  }
  const waiting = waitingIds(findings, beside);
  const waits = ({ id }: ExplainedFinding) => waiting.has(id);
  const isReady = ({ id }: ExplainedFinding) => !waiting.has(id);
  const isKept = (finding: ExplainedFinding) => isReady(finding) && !prune && hasOnlyUnlisted(finding);
  return [
    { status: 'absent', heading: 'Will be created', isMember: isReady },
    { status: 'drifted', heading: 'Will be changed', isMember: (finding) => isReady(finding) && !isKept(finding) },
    { status: 'drifted', heading: 'Needs --prune (will not be changed)', isMember: isKept },
    { status: 'absent', heading: 'Waiting for required resources (will not be created)', isMember: waits },
    { status: 'drifted', heading: 'Waiting for required resources (will not be changed)', isMember: waits },
    { status: 'conflict', heading: 'In conflict (will not be changed)' },
    { status: 'unread', heading: 'Could not be read' },
  ];
}

/** The maximum number of ids listed for resources in sync, and of resources listed that are no longer in the config. */
const MAX_LISTED = 12;

/**
 * A plan as text: first a summary, then the resources by what will happen to them (`+` create, `~` change, `-` remove,
 * `!` conflict, `?` could not be read), then notes, warnings, public access and what cannot be undone. The summary is
 * repeated at the end, next to the prompt.
 */
export function planText(given: readonly ExplainedFinding[], options: PlanTextOptions): string {
  const frame = frameOf('plan', options);
  const findings = shown(given);
  const blocks = [...resourceBlocks(findings, frame), ...remarkBlocks(findings, frame)];
  if (findings.every(({ status }) => status === 'in-sync')) {
    return blocksText([[frame.colors.bold('Plan: no changes.')], ...blocks]);
  }
  const summary = [frame.colors.bold(planSummary(findings, options))];
  return blocksText([summary, ...blocks, summary]);
}

/**
 * A report as text: first how many resources drifted, then the resources by status, then risks and how to fix drift.
 */
export function reportText(given: readonly ExplainedFinding[], options: PlanTextOptions): string {
  const frame = frameOf('report', options);
  const findings = shown(given);
  const summary = frame.colors.bold(reportSummary(findings));
  const remedies = remedyLines(findings);
  const closing = remedies.length === 0 ? [] : [[frame.colors.bold('How to fix it'), ...remedies]];
  const orphans = shown(options.orphans ?? []);
  const listed = options.details ? orphans : orphans.slice(0, MAX_LISTED);
  const remarks = remarkBlocks([...listed, ...findings], frame);
  const more = orphans.length - listed.length;
  const rest = more === 0 ? [] : [[frame.colors.dim(`${more} more no longer in the config (--details shows all)`)]];
  return blocksText([[summary], ...resourceBlocks(findings, frame), ...remarks, ...rest, ...closing]);
}

function frameOf(purpose: Purpose, options: PlanTextOptions): Frame {
  return { ...options, purpose, colors: pc.createColors(options.color) };
}

/** `Plan: 3 to create, 1 to change, 1 needs --prune, 7 in sync.` */
function planSummary(findings: readonly ExplainedFinding[], { prune = false, beside }: PlanTextOptions): string {
  const waiting = waitingIds(findings, beside);
  const ready = findings.filter(({ id }) => !waiting.has(id));
  const count = (status: Status) => ready.filter((finding) => finding.status === status).length;
  const withUnlisted = ready.filter(hasUnlisted);
  const only = withUnlisted.filter(hasOnlyUnlisted);
  const removals = prune ? ready.flatMap(({ changes }) => changes).filter(({ kind }) => kind === 'remove') : [];
  const urls = removals.filter((change) => 'path' in change && change.path === 'url').length;
  const policies = removals.length - urls;
  const adoptable = findings.filter(isFreeToAdopt).length;
  const parts = [
    [count('absent'), 'to create'],
    [count('drifted') - (prune ? 0 : only.length), 'to change'],
    [policies, policies === 1 ? 'policy to remove' : 'policies to remove'],
    [urls, urls === 1 ? 'public URL to remove' : 'public URLs to remove'],
    [prune ? 0 : withUnlisted.length, withUnlisted.length === 1 ? 'needs --prune' : 'need --prune'],
    [adoptable, adoptable === 1 ? 'needs --adopt' : 'need --adopt'],
    [count('conflict') - adoptable, 'in conflict'],
    [waiting.size, waiting.size === 1 ? 'waiting for a required resource' : 'waiting for required resources'],
    [count('unread'), 'could not be read'],
    [count('in-sync'), 'in sync'],
  ] as const;
  const counts = parts.flatMap(([number, what]) => (number === 0 ? [] : [`${number} ${what}`]));
  return `Plan: ${counts.join(', ')}.`;
}

/** Whether all of its changes need `--prune`. */
function hasOnlyUnlisted(finding: ExplainedFinding): boolean {
  return hasUnlisted(finding) && finding.changes.every(({ kind }) => kind === 'remove');
}

/** `Drift detected in 4 of 11 resources.` */
export function reportSummary(findings: readonly ExplainedFinding[]): string {
  const count = (...statuses: readonly Status[]) => findings.filter(({ status }) => statuses.includes(status)).length;
  const total = findings.length === 1 ? '1 resource' : `${findings.length} resources`;
  if (findings.length > 1 && count('absent') === findings.length) return `None of the ${total} was found.`;
  const drifted = count('drifted', 'absent', 'conflict');
  const unread = count('unread');
  const parts = [
    ...(drifted === 0 ? [] : [`Drift detected in ${drifted} of ${total}`]),
    ...(unread === 0 ? [] : [`${unread} of ${total} could not be read`]),
  ];
  return parts.length === 0 ? 'No drift detected.' : `${parts.join('; ')}.`;
}

function resourceBlocks(findings: readonly ExplainedFinding[], frame: Frame): readonly (readonly string[])[] {
  const { purpose, details = false, colors } = frame;
  const tags = sharedTags(findings);
  const groups = groupsOf(frame, findings).flatMap(({ status, heading, isMember = () => true }) => {
    const members = findings.filter((finding) => finding.status === status && isMember(finding));
    if (members.length === 0) return [];
    const row = rowsOf(members, colors);
    const entries = members.map((finding) => [
      row(mark(finding.status, frame), finding),
      ...bodyLines(finding, tags, frame),
    ]);
    const isBrief = status === 'absent' && purpose === 'plan' && !details;
    const below = [
      ...(tags === '' ? [] : [`  tags: ${tags}`]),
      '  (--details shows every value, and policies in full)',
    ];
    return grouped(colors.bold(heading), [...entries, ...(isBrief ? [below.map(colors.dim)] : [])]);
  });
  return [...groups, ...inSyncBlock(findings, frame)];
}

function bodyLines(finding: ExplainedFinding, tags: string, frame: Frame): readonly string[] {
  const { error } = finding;
  const { colors, details = false, prune = false, purpose } = frame;
  const lines =
    finding.status === 'absent' && purpose === 'plan'
      ? wantedLines(finding, { details, tags, colors })
      : changeLines(details ? finding.changes : withoutDigests(finding.id, finding.changes), {
          prune,
          purpose,
          details,
          colors,
        });
  return [...lines, ...(error === undefined ? [] : errorLines(error).map((line) => colors.red(line)))];
}

function mark(status: Status, { purpose, colors: { green, yellow, red } }: Frame): string {
  const marks = {
    'in-sync': green('✓'),
    absent: purpose === 'plan' ? green('+') : red('✗'),
    drifted: yellow('~'),
    conflict: red('!'),
    unread: red('?'),
  };
  return marks[status];
}

/** Resources in sync as a count and as many ids as fit in a line or two; with --details, one line for each. */
function inSyncBlock(findings: readonly ExplainedFinding[], frame: Frame): readonly (readonly string[])[] {
  const { details, colors } = frame;
  const members = findings.filter(({ status }) => status === 'in-sync');
  if (members.length === 0) return [];
  const sign = mark('in-sync', frame);
  if (details) {
    const row = rowsOf(members, colors);
    return [[colors.bold('In sync'), ...members.map((finding) => row(sign, finding))]];
  }
  const ids = members.map(({ id }) => id);
  const listed = ids.length > MAX_LISTED + 1 ? [...ids.slice(0, MAX_LISTED), `${ids.length - MAX_LISTED} more`] : ids;
  return [[`${sign} ${ids.length} in sync: ${colors.dim(listed.join(', '))}`]];
}

/** Notes, warnings and other remarks, each shown once with its resources. */
function remarkBlocks(
  findings: readonly ExplainedFinding[],
  { purpose, colors }: Frame,
): readonly (readonly string[])[] {
  const { bold, dim, yellow } = colors;
  const block = (heading: string, of: (finding: ExplainedFinding) => readonly string[]) => {
    const remarks = findings.flatMap((finding) => of(finding).map((text) => remarkOf(finding.id, text)));
    if (remarks.length === 0) return [];
    const lines = [...groupBy(remarks, ({ text }) => text)].map(([text, alike]) => {
      const subjects = alike.map(({ subject }) => subject);
      return `  ${yellow('•')} ${subjects.join(', ')}: ${text}`;
    });
    return [[yellow(bold(heading)), ...lines]];
  };
  const notes = findings.flatMap(({ id, notes }) => notes.map((note) => dim(`note: ${id}: ${note}`)));
  return [
    notes,
    ...block('Warnings', ({ warnings, exposures }) => warnings.filter((warning) => !exposures.includes(warning))),
    ...block('Public', ({ exposures }) => exposures),
    ...(purpose === 'plan' ? block('Cannot be undone', ({ irreversible }) => irreversible) : []),
  ];
}

/** A remark with its resource and its path in the config: `role/A (roles[0].trust)`. */
function remarkOf(id: string, warning: string): { readonly subject: string; readonly text: string } {
  const [, path, text] = /^([a-z]\w*[.[][\w.[\]]*): (.*)$/is.exec(warning) ?? [];
  return path === undefined || text === undefined
    ? { subject: id, text: warning }
    : { subject: `${id} (${path})`, text };
}
