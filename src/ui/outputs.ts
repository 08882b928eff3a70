import pc from 'picocolors';
import { shellWord } from '../shell.ts';
import { foreign, shown } from './foreign.ts';
import type { OutputsView } from './json.ts';

/** A variable of a GitHub repository. None of them is a secret. */
export interface Variable {
  readonly name: string;
  readonly value: string;
}

/** The addresses of all that was made, a line each. */
export function outputsText(given: OutputsView, color: boolean): string {
  const view = shown(given);
  const { dim } = pc.createColors(color);
  const lines = [
    ['bucket', view.bucket],
    ...(view.table === null ? [] : [['table', view.table]]),
    ['oidc provider', view.oidcProvider],
    ...Object.entries(view.roles).map(([name, arn]) => [`role ${name}`, arn]),
    ...Object.entries(view.functions).flatMap(([name, { url }]) => (url === null ? [] : [[`url ${name}`, url]])),
  ];
  const width = Math.max(...lines.map(([what = '']) => what.length));
  return lines.map(([what = '', value]) => `${dim(what.padEnd(width))}  ${value}`).join('\n');
}

/** `gh variable set` for each variable and repository, to paste into a shell. */
export function variableLines(variables: readonly Variable[], repositories: readonly string[]): readonly string[] {
  return repositories.flatMap((repository) =>
    variables.map(
      ({ name, value }) =>
        `gh variable set ${shellWord(foreign(name))} --repo ${shellWord(foreign(repository))} --body ${quoted(foreign(value))}`,
    ),
  );
}

/** Lines for the file that GITHUB_OUTPUT names. A value is one line there, so that it cannot set another output. */
export function outputLines(variables: readonly Variable[]): string {
  return variables.map(({ name, value }) => `${foreign(name.toLowerCase())}=${foreign(value)}\n`).join('');
}

/** In single quotes of a POSIX shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
