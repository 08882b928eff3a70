import { foreign, shown } from './foreign.ts';

/** A file of a project, and what happens to it. */
export interface FileView {
  readonly path: string;
  readonly action: 'create' | 'extend' | 'replace' | 'keep' | 'same';
  /** What is added, or why it is kept. */
  readonly adds?: string;
  readonly keep?: string;
}

interface StepView {
  readonly what: string;
  readonly commands: readonly string[];
}

const BEFORE = { create: 'create', extend: 'extend', replace: 'replace', keep: 'keep', same: 'keep' } as const;
const AFTER = { create: 'created', extend: 'extended', replace: 'replaced', keep: 'kept', same: 'unchanged' } as const;

/**
 * What will be done, shown before the prompt: one line per file that changes, or that a user might expect to change.
 */
export function plannedFiles(files: readonly FileView[]): string {
  return table(
    files.filter(({ action }) => action !== 'same'),
    BEFORE,
  );
}

/** Like `plannedFiles` in fewer lines, for display below findings: files with the same outcome share a line. */
export function plannedFilesInBrief(files: readonly FileView[]): string {
  const paths = new Map<string, readonly string[]>();
  const changing = files.filter(({ action }) => action !== 'same');
  const outcomeOf = (file: FileView) => `${BEFORE[file.action]} ${noteOf(file)}`;
  for (const file of changing) paths.set(outcomeOf(file), [...(paths.get(outcomeOf(file)) ?? []), file.path]);
  const firsts = changing.filter((file) => paths.get(outcomeOf(file))?.[0] === file.path);
  return table(
    firsts.map((file) => ({ ...file, path: paths.get(outcomeOf(file))?.join(', ') ?? file.path })),
    BEFORE,
  );
}

/** What was done. */
export function writtenFiles(files: readonly FileView[]): string {
  return table(files, AFTER);
}

function table(files: readonly FileView[], words: Readonly<Record<FileView['action'], string>>): string {
  const width = Math.max(...files.map(({ action }) => words[action].length));
  return files
    .map((file) => {
      const { path, action } = shown(file);
      const note = noteOf(file);
      return `  ${words[action].padEnd(width)}  ${path}${note === '' ? '' : `  (${foreign(note)})`}\n`;
    })
    .join('');
}

function noteOf({ action, adds, keep }: FileView): string {
  if (action === 'extend') return adds ?? '';
  if (action === 'keep') return keep ?? 'exists and differs; --force replaces it';
  return '';
}

/** `Done. 9 files created, 1 extended.` */
export function resultLine(files: readonly FileView[]): string {
  const counts = (['create', 'extend', 'replace'] as const)
    .map((action) => [AFTER[action], files.filter((file) => file.action === action).length] as const)
    .filter(([, count]) => count > 0)
    .map(([word, count], index) =>
      index > 0 ? `${count} ${word}` : `${count} ${count === 1 ? 'file' : 'files'} ${word}`,
    );
  return counts.length === 0 ? 'No changes. The project has all its files.' : `Done. ${counts.join(', ')}.`;
}

/** The next steps: numbered, each command on its own line for pasting. */
export function stepsText(steps: readonly StepView[]): string {
  const width = `${steps.length}. `.length;
  const blocks = shownSteps(steps).map(({ what, commands }, index) => {
    const number = `${index + 1}.`.padEnd(width);
    const text = what.replaceAll('\n', `\n${' '.repeat(width)}`);
    return `${number}${text}\n${commands.map((command) => `     ${command}\n`).join('')}`;
  });
  return `Next:\n${blocks.join('')}`;
}

function shownSteps(steps: readonly StepView[]): readonly StepView[] {
  return steps.map(({ what, commands }) => ({
    what: what.split('\n').map(foreign).join('\n'),
    commands: commands.map(foreign),
  }));
}
