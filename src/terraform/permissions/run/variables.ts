import { choiceHint } from '../../../closest.ts';
import type { Environment } from '../../../environment.ts';
import { CrcError } from '../../../errors.ts';
import type { Json } from '../../../json.ts';
import { type SourceParser, sourceParser } from '../../source/parse.ts';
import { assignmentsOf, unsetVariables } from '../../source/variables.ts';
import { codeText } from '../../source/walk.ts';
import type { Module } from './module.ts';

/** Values for a configuration's variables. */
export interface Variables {
  /** Arguments of Terraform. */
  readonly args: readonly string[];
  /** Names set on the command line. */
  readonly given: readonly string[];
  /** Names and values from the command line and the environment. */
  readonly set: readonly (readonly [string, string])[];
  /** Texts of variable files. */
  readonly texts: readonly string[];
}

export interface VariablesInput {
  /** Absolute paths of files, in order. */
  readonly files: readonly string[];
  /** `NAME=VALUE` */
  readonly given: readonly string[];
  readonly env: Environment;
}

/** Reads the variables for a run. @throws the file system's error for a file that cannot be read. */
export async function variablesOf({ files, given, env }: VariablesInput): Promise<Variables> {
  const onCommandLine = given.map(
    (variable) => [variable.slice(0, variable.indexOf('=')), variable.slice(variable.indexOf('=') + 1)] as const,
  );
  const set = [
    ...onCommandLine,
    ...Object.entries(env).flatMap(([name, value]) =>
      name.startsWith('TF_VAR_') && value !== undefined ? [[name.slice('TF_VAR_'.length), value] as const] : [],
    ),
  ];
  return {
    args: [...files.map((file) => `-var-file=${file}`), ...given.map((variable) => `-var=${variable}`)],
    given: onCommandLine.map(([name]) => name),
    set,
    texts: await Promise.all(files.map((file) => codeText(file))),
  };
}

/**
 * Rejects early what Terraform would reject after an emulator was started: a variable of the root module without a
 * value, and one on the command line that is not declared. Leaves code that crc cannot parse to Terraform. @throws
 * CrcError
 */
export function refuseWrongVariables(
  { blocks, variables: defaults, unread }: Pick<Module, 'blocks' | 'variables' | 'unread'>,
  { given, set, texts }: Variables,
  parse: SourceParser,
): void {
  if (unread.length > 0) return;
  const declared = blocks.filter(({ type }) => type === 'variable');
  const names = [...new Set(declared.map(({ labels: [name = ''] }) => name))];
  const unknown = given.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new CrcError(`--var: the configuration declares no variable ${unknown.join(', ')}.`, {
      hint: names.length === 0 ? 'It declares none: leave --var out.' : choiceHint(unknown, names, '--var'),
    });
  }
  const missing = unsetVariables(blocks, [...texts, ...defaults], parse).filter(
    (name) => !set.some(([variable]) => variable === name),
  );
  if (missing.length === 0) return;
  throw new CrcError(
    missing.length === 1
      ? `The variable ${missing[0]} has no value.`
      : `${missing.length} variables have no value: ${missing.join(', ')}.`,
    { hint: valueHint(missing) },
  );
}

/** How to set variables, and which ones. */
export function valueHint(names: readonly string[]): string {
  const flags = names.map((name) => `--var ${name}=…`).join(' ');
  return `Pass ${flags}, or --var-file FILE, with the values of your real run: they decide what is created, and which names the statements have. A secret can have any value.`;
}

/** Usual names of variables that contain secrets, even if they are not declared as sensitive. */
const TELLING = /password|passwd|secret|token|private|credential|api_?key|access_?key/i;

/** Values that must not be shown: those of root module variables that are declared as sensitive or have such a name. */
export async function sensitiveValues(
  { blocks, variables: defaults }: Pick<Module, 'blocks' | 'variables'>,
  { set, texts }: Variables,
): Promise<readonly string[]> {
  const parse = await sourceParser();
  const files = [...texts, ...defaults].map((text) => assignmentsOf(text, parse));
  return blocks
    .filter(({ type }) => type === 'variable')
    .filter(({ labels: [name = ''], arguments: { sensitive } }) => sensitive?.value === true || TELLING.test(name))
    .flatMap(({ labels: [name = ''], arguments: { default: initial } }) => [
      ...set.filter(([variable]) => variable === name).flatMap(([, value]) => [value, ...partsOf(value, parse)]),
      ...files.flatMap((assignments) => partsOf(assignments[name]?.text ?? '', parse)),
      ...partsOf(initial?.text ?? '', parse),
    ])
    .filter((value) => value !== '');
}

/**
 * The parts of an expression that may appear in output: strings as written and as evaluated, heredoc lines, numbers.
 */
function partsOf(expression: string, parse: SourceParser): readonly string[] {
  const { arguments: given, strings } = parse(`value = ${expression}\n`);
  const lines = expression.includes('<<') ? expression.split('\n').map((line) => line.trim()) : [];
  return [
    ...strings,
    ...leaves(given.value?.value),
    ...lines.filter((line) => !line.startsWith('<<')),
    ...(expression.match(/\b\d{4,}\b/g) ?? []),
  ];
}

function leaves(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null
    ? Object.values(value).flatMap((inner) => leaves(inner as Json))
    : [];
}
