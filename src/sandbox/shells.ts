import type { Environment } from '../environment.ts';
import { removedVariables, type SandboxPlace, sandboxVariables } from './environment.ts';

/** How a shell removes and sets environment variables. */
interface Dialect {
  unset(names: readonly string[]): readonly string[];
  set(name: string, value: string): string;
}

/** The maximum width of a line with several names: a wrapped line is hard to copy. */
const MAX_COLUMNS = 79;

/** Breaks words into lines of that width. */
function lines(start: string, words: readonly string[]): readonly string[] {
  const done: string[] = [];
  for (const word of words) {
    const longer = done.length === 0 ? undefined : `${done.at(-1)} ${word}`;
    if (longer !== undefined && longer.length <= MAX_COLUMNS) done.splice(-1, 1, longer);
    else done.push(`${start} ${word}`);
  }
  return done;
}

const POSIX: Dialect = {
  unset: (names) => lines('unset', names),
  set: (name, value) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`,
};

const DIALECTS = {
  bash: POSIX,
  zsh: POSIX,
  sh: POSIX,
  fish: {
    // Only global variables, which end with the shell; universal ones are saved settings of the user.
    unset: (names) => lines('set --erase --global', names),
    set: (name, value) => `set --global --export ${name} '${value.replace(/[\\']/g, String.raw`\$&`)}'`,
  },
  powershell: {
    // Setting it to nothing removes it from the environment.
    unset: (names) => names.map((name) => `$Env:${name} = $null`),
    set: (name, value) => `$Env:${name} = '${value.replaceAll("'", "''")}'`,
  },
  cmd: {
    unset: (names) => names.map((name) => `set "${name}="`),
    set: (name, value) => `set "${name}=${value}"`,
  },
} as const satisfies Readonly<Record<string, Dialect>>;

export type Shell = keyof typeof DIALECTS;

export const SHELLS = Object.keys(DIALECTS) as readonly Shell[];

export function isShell(name: string): name is Shell {
  return Object.hasOwn(DIALECTS, name);
}

/** The commands that switch a shell to the sandbox, whatever is set in it. */
export function shellLines(shell: Shell, env: Environment, place: SandboxPlace): string {
  const { unset, set }: Dialect = DIALECTS[shell];
  const variables = Object.entries(sandboxVariables(env, place));
  return [...unset(removedVariables(env)), ...variables.map(([name, value]) => set(name, value))].join('\n');
}
