import { join } from 'node:path';
import { parsedJson } from '../../parsed-json.ts';
import type { SourceArgument, SourceBlock, SourceParser } from './parse.ts';
import { codeText } from './walk.ts';

/** A variable file, in HCL or JSON. */
export const VARIABLE_FILE = /\.tfvars(\.json)?$/;

/** https://developer.hashicorp.com/terraform/language/values/variables#variable-definitions-tfvars-files */
export const READ_BY_ITSELF = /^terraform\.tfvars(\.json)?$|\.auto\.tfvars(\.json)?$/;

/** Variables of a Terraform folder that need a value at run time. */
export interface UnsetVariables {
  /** In the order of their declarations. */
  readonly names: readonly string[];
  /** Files for `-var-file`, from the folder, with slashes: `envs/dev.tfvars`. */
  readonly files: readonly string[];
}

export interface VariableFolder {
  /** Absolute. */
  readonly path: string;
  /** Files in the folder. */
  readonly names: readonly string[];
  /** Files for `-var-file`, from the folder. */
  readonly variableFiles: readonly string[];
}

/**
 * The variables of a folder that have neither a default nor a value; undefined if there are none. Reads the files that
 * Terraform loads automatically.
 */
export async function unsetVariablesIn(
  { path, names, variableFiles }: VariableFolder,
  blocks: readonly SourceBlock[],
  parse: SourceParser,
): Promise<UnsetVariables | undefined> {
  if (unsetVariables(blocks, [], parse).length === 0) return undefined;
  const texts = await Promise.all(
    names.filter((name) => READ_BY_ITSELF.test(name)).map((name) => codeText(join(path, name))),
  );
  const unset = unsetVariables(blocks, texts, parse);
  return unset.length === 0 ? undefined : { names: unset, files: variableFiles };
}

/** Names of the declared variables that have neither a default nor a value in the texts of these variable files. */
export function unsetVariables(
  blocks: readonly SourceBlock[],
  texts: readonly string[],
  parse: SourceParser,
): readonly string[] {
  const declared = blocks.filter(({ type }) => type === 'variable');
  const valued = new Set([
    ...texts.flatMap((text) => Object.keys(assignmentsOf(text, parse))),
    // An override file may add the default to a block of another one.
    ...declared.flatMap(({ labels: [name = ''], arguments: { default: initial } }) =>
      initial === undefined ? [] : [name],
    ),
  ]);
  return [...new Set(declared.map(({ labels: [name = ''] }) => name))].filter((name) => !valued.has(name));
}

type Assignments = Readonly<Record<string, Pick<SourceArgument, 'text'> | undefined>>;

/**
 * The values in a variable file, by name. Empty if it looks like JSON but is invalid: Terraform reports that itself.
 */
export function assignmentsOf(text: string, parse: SourceParser): Assignments {
  if (!text.trimStart().startsWith('{')) return parse(text).arguments;
  const values = Object.entries(Object(parsedJson(text)));
  return Object.fromEntries(values.map(([name, value]) => [name, { text: JSON.stringify(value) }]));
}
