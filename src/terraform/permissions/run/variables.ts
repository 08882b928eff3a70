import { readFile } from 'node:fs/promises';
import { isTrue, stringAttribute, stringsOf } from '../../blocks.ts';
import type { Module } from './module.ts';

/** Values for a configuration's variables. */
export interface Variables {
  /** Arguments of Terraform. */
  readonly args: readonly string[];
  /** Values by name: of the command line and the environment. */
  readonly values: Readonly<Record<string, readonly string[]>>;
  /** Texts of files of variables. */
  readonly texts: readonly string[];
}

export interface VariablesInput {
  /** Absolute paths of files, in their order. */
  readonly files: readonly string[];
  /** `NAME=VALUE` */
  readonly given: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Reads the variables that a run is given. Throws the error of the file system for a file that cannot be read. */
export async function variablesOf({ files, given, env }: VariablesInput): Promise<Variables> {
  const values: Record<string, string[]> = {};
  const set = (name: string, value: string) => {
    values[name] = [...(values[name] ?? []), value, ...stringsOf(value)];
  };
  for (const one of given) set(one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1));
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith('TF_VAR_') && value !== undefined) set(name.slice('TF_VAR_'.length), value);
  }
  return {
    args: [...files.map((file) => `-var-file=${file}`), ...given.map((one) => `-var=${one}`)],
    values,
    texts: await Promise.all(files.map((file) => readFile(file, 'utf8'))),
  };
}

/** Names of variables that hold secrets, whether or not they are declared so. */
const TELLING = /password|passwd|secret|token|private|credential|api_?key|access_?key/i;

/** Values that no output shows: of variables of the root module that are declared as sensitive, or are named so. */
export function sensitiveValues(
  { blocks, variables: defaults }: Pick<Module, 'blocks' | 'variables'>,
  { values, texts }: Variables,
): readonly string[] {
  const declared = blocks.filter(({ type }) => type === 'variable');
  return declared.flatMap(({ labels: [name = ''], body }) => {
    if (!isTrue(body, 'sensitive') && !TELLING.test(name)) return [];
    const written = [...texts, ...defaults].flatMap((text) => assigned(text, name));
    return [...(values[name] ?? []), ...written, stringAttribute(body, 'default') ?? ''].filter(
      (value) => value !== '',
    );
  });
}

/** All that a variable is set to in a file of variables: strings, lines of heredocs, numbers. */
function assigned(text: string, name: string): readonly string[] {
  if (text.trimStart().startsWith('{')) return leaves(memberOf(text, name));
  const start = new RegExp(`^[ \\t]*${name}[ \\t]*=`, 'm').exec(text);
  if (start === null) return [];
  const rest = text.slice(start.index + start[0].length);
  const next = /\n[ \t]*[A-Za-z_][\w-]*[ \t]*=(?!=)/.exec(rest);
  const value = next === null ? rest : rest.slice(0, next.index);
  const lines = value.includes('<<') ? value.split('\n').map((line) => line.trim()) : [];
  return [
    ...stringsOf(value),
    ...lines.filter((line) => !line.startsWith('<<')),
    ...(value.match(/\b\d{4,}\b/g) ?? []),
  ];
}

/** Undefined also for a text that is no JSON, of which Terraform will complain. */
function memberOf(text: string, name: string): unknown {
  try {
    return (JSON.parse(text) as Readonly<Record<string, unknown>>)[name];
  } catch {
    return undefined;
  }
}

function leaves(value: unknown): readonly string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [];
}
