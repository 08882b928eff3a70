import { groupBy } from '../group-by.ts';
import { oneOrMany } from '../policies/document.ts';
import type { FoundCause } from '../trust/causes/index.ts';
import { contextOf, type SubjectVerdict } from '../trust/verdict.ts';

interface JobOfRow {
  readonly name: string;
  readonly event: string;
  /** `deploy.yml` */
  readonly file: string;
}

/** One subject with all jobs that present it. */
export interface SubjectRow
  extends Pick<
    SubjectVerdict,
    'subject' | 'form' | 'verdict' | 'expected' | 'doubt' | 'decision' | 'causes' | 'byPolicy'
  > {
  readonly aside: boolean;
  readonly jobs: readonly JobOfRow[];
  readonly events: readonly string[];
}

/**
 * Verdicts as rows, each subject once. Leaves out a subject in a form that the repository may not use if there is a row
 * for the same context in the form that it does use; one sentence covers all of these.
 */
export function rowsOf(subjects: readonly SubjectVerdict[]): readonly SubjectRow[] {
  const certain = new Set(subjects.filter(({ formDoubt }) => !formDoubt).map(({ subject }) => contextOf(subject)));
  const shown = subjects.filter(({ subject, formDoubt }) => !(formDoubt && certain.has(contextOf(subject))));
  const rows = groupBy(shown, ({ subject, verdict, expected, aside = false, doubt, causes }) =>
    JSON.stringify([subject, verdict, expected, aside, doubt, causes]),
  );
  return [...rows.values()].flatMap((all) => {
    const [first] = all;
    if (first === undefined) return [];
    const jobs = all.flatMap(({ job, event, file }) =>
      job === undefined ? [] : [{ name: job, event: event ?? '', file: file?.split('/').at(-1) ?? '' }],
    );
    return [{ ...first, aside: first.aside === true, jobs, events: [...new Set(jobs.map(({ event }) => event))] }];
  });
}

/** `deploy.yml: plan, test on pull_request, push`: jobs of the same file and events together. */
export function jobsText(jobs: readonly JobOfRow[], withFiles: boolean): readonly string[] {
  const byJob = new Map<string, { readonly name: string; readonly file: string; readonly events: Set<string> }>();
  for (const { name, file, event } of jobs) {
    const key = JSON.stringify([file, name]);
    const entry = byJob.get(key) ?? { name, file, events: new Set() };
    entry.events.add(event);
    byJob.set(key, entry);
  }
  const groups = new Map<string, string[]>();
  for (const { name, file, events } of byJob.values()) {
    const key = JSON.stringify([file, [...events].join(', ')]);
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  return [...groups].map(([key, names]) => {
    const [file, events] = JSON.parse(key) as [string, string];
    return `${withFiles ? `${file}: ` : ''}${names.join(', ')} on ${events}`;
  });
}

const ANY_OTHER: Readonly<Record<string, string>> = {
  'ref:refs/heads/*': 'any other branch',
  'ref:refs/tags/*': 'any other tag',
};

/** Refs that jobs can also run on, where they are denied: `any other branch or any other tag, on push`. */
export function asideTexts(rows: readonly SubjectRow[]): readonly string[] {
  const byEvents = new Map<string, Set<string>>();
  for (const { subject, events } of rows) {
    const context = contextOf(subject);
    const key = events.join(', ');
    byEvents.set(key, (byEvents.get(key) ?? new Set()).add(ANY_OTHER[context] ?? context));
  }
  return [...byEvents].map(([events, contexts]) => `${[...contexts].join(' or ')}, on ${events}`);
}

/** Subjects that are denied for the same causes, which are shown once. */
export interface DeniedGroup {
  readonly rows: readonly SubjectRow[];
  readonly causes: readonly FoundCause[];
}

export function deniedGroups(rows: readonly SubjectRow[]): readonly DeniedGroup[] {
  const groups = groupBy(rows, ({ verdict, causes, subject }) =>
    JSON.stringify([verdict, causes.map((cause) => withSubjects(cause, subject, []))]),
  );
  return [...groups.values()].map((all) => {
    const subjects = [...new Set(all.map(({ subject }) => subject))];
    const [first] = all;
    const causes = first?.causes.map((cause) => withSubjects(cause, first.subject, subjects));
    return { rows: all, causes: causes ?? [] };
  });
}

/** A cause worded for one subject, applied to others: in a statement as a list, elsewhere by their contexts. */
function withSubjects(cause: FoundCause, subject: string, subjects: readonly string[]): FoundCause {
  // The text of the cause may contain the context: "pull_request".
  if (!cause.namesContext) return cause;
  const context = contextOf(subject);
  const contexts = [...new Set(subjects.map(contextOf))];
  // First replaced with placeholders, since the inserted text may contain the context.
  const inserted = (text: string) =>
    text
      .replaceAll(`:${JSON.stringify(subject)}`, '\u0003')
      .replaceAll(JSON.stringify(context), '\u0001')
      .replaceAll(context, '\u0002')
      .replaceAll('\u0001', contexts.map((name) => JSON.stringify(name)).join(', '))
      .replaceAll('\u0002', contexts.join(', '))
      .replaceAll('\u0003', `:${JSON.stringify(oneOrMany(subjects))}`);
  return { ...cause, cause: inserted(cause.cause), fix: inserted(cause.fix) };
}
