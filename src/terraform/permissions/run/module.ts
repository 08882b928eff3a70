import { join } from 'node:path';
import { codeFiles } from '../../source/config-files.ts';
import { jsonBlocks } from '../../source/json.ts';
import { type SourceBlock, type SourceParser, sourceParser } from '../../source/parse.ts';
import { READ_BY_ITSELF, VARIABLE_FILE } from '../../source/variables.ts';
import { codeText, fileNamesIn } from '../../source/walk.ts';

/** A folder of Terraform files, parsed but not evaluated. */
export interface Module {
  /** Absolute. */
  readonly folder: string;
  readonly blocks: readonly SourceBlock[];
  /** Every quoted string in its files, including variable files. */
  readonly strings: readonly string[];
  /** Texts of the variable files that Terraform loads automatically in a root module. */
  readonly variables: readonly string[];
  /** `main.tf:12`: code that crc could not parse. */
  readonly unread: readonly string[];
}

/** Which of the two programs reads the code: they read different files. */
export type TerraformKind = 'terraform' | 'tofu';

/** Reads a module, as that program does. */
export async function readModule(folder: string, kind: TerraformKind, parse?: SourceParser): Promise<Module> {
  const read = parse ?? (await sourceParser());
  const listed = await fileNamesIn(folder);
  const codeNames = codeFiles(listed, kind);
  const names = [...codeNames, ...listed.filter((name) => VARIABLE_FILE.test(name))].sort();
  const files = await Promise.all(
    names.map(async (name) => {
      const text = await codeText(join(folder, name));
      const source = name.endsWith('.json') ? { ...jsonBlocks(text), strings: quotedInJson(text) } : read(text);
      return { name, text, ...source };
    }),
  );
  const code = files.filter(({ name }) => codeNames.includes(name));
  return {
    folder,
    blocks: code.flatMap(({ blocks }) => blocks),
    strings: files.flatMap(({ strings }) => strings),
    variables: files.filter(({ name }) => READ_BY_ITSELF.test(name)).map(({ text }) => text),
    unread: code.flatMap(({ name, errorLine }) => (errorLine === undefined ? [] : [`${name}:${errorLine}`])),
  };
}

/** Whether a folder contains files that the program reads. */
export async function hasModule(folder: string, kind: TerraformKind): Promise<boolean> {
  return codeFiles(await fileNamesIn(folder), kind).length > 0;
}

function quotedInJson(text: string): readonly string[] {
  return [...text.matchAll(/"((?:[^"\\\n]|\\.)*)"/g)].map(([, value = '']) => value);
}
