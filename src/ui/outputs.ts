import pc from 'picocolors';
import type { Address } from '../engine/types.ts';
import { singleQuoted } from '../shell.ts';
import { foreign, foreignWord, shown } from './foreign.ts';
import { inOrderOfOutputs } from './json.ts';

/** A variable of a GitHub repository. None of them is a secret. */
export interface Variable {
  readonly name: string;
  readonly value: string;
}

/** All addresses, one per line. */
export function outputsText(given: readonly Address[], color: boolean): string {
  const addresses = shown(given).filter(({ value }) => typeof value === 'string');
  const { dim } = pc.createColors(color);
  const width = Math.max(...addresses.map(({ label }) => label.length));
  return addresses.map(({ label, value }) => `${dim(label.padEnd(width))}  ${value}`).join('\n');
}

/** The GitHub variables of addresses, if they have one. */
export function variablesOf(addresses: readonly Address[]): readonly Variable[] {
  return inOrderOfOutputs(addresses).flatMap(({ variable, value }) =>
    variable === undefined || typeof value !== 'string' ? [] : [{ name: variableName(variable), value }],
  );
}

/** `FUNCTION_URL_INCREMENTVISITS` */
function variableName(words: readonly string[]): string {
  return words.map((word) => word.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase()).join('_');
}

/** `gh variable set` for each variable and repository, to paste into a shell. */
export function variableLines(variables: readonly Variable[], repositories: readonly string[]): readonly string[] {
  return repositories.flatMap((repository) =>
    variables.map(
      ({ name, value }) =>
        `gh variable set ${foreignWord(name)} --repo ${foreignWord(repository)} --body ${singleQuoted(foreign(value))}`,
    ),
  );
}

/** Lines for the file in GITHUB_OUTPUT. A value is one line there, so that it cannot set another output. */
export function outputLines(variables: readonly Variable[]): string {
  return variables.map(({ name, value }) => `${foreign(name.toLowerCase())}=${foreign(value)}\n`).join('');
}
