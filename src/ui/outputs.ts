import pc from 'picocolors';
import type { OutputsView } from './json.ts';

/** A variable of a GitHub repository. None of them is a secret. */
export interface Variable {
  readonly name: string;
  readonly value: string;
}

/** The addresses of all that was made, a line each. */
export function outputsText(view: OutputsView, color: boolean): string {
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
    variables.map(({ name, value }) => `gh variable set ${name} --repo ${repository} --body '${value}'`),
  );
}
