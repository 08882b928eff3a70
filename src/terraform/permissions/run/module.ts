import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonBlocks } from '../../source/json.ts';
import { type SourceBlock, type SourceParser, sourceParser } from '../../source/parse.ts';
import { READ_BY_ITSELF, VARIABLE_FILE } from '../../source/variables.ts';

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

const CODE = /\.(tf|tofu)$/;
const JSON_CODE = /\.(tf|tofu)\.json$/;

/** Reads a module. */
export async function readModule(folder: string, parse?: SourceParser): Promise<Module> {
  const read = parse ?? (await sourceParser());
  const names = (await readdir(folder)).filter((name) => isCode(name) || VARIABLE_FILE.test(name)).sort();
  const files = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8');
      const source = name.endsWith('.json') ? { ...jsonBlocks(text), strings: quotedInJson(text) } : read(text);
      return { name, text, ...source };
    }),
  );
  const code = files.filter(({ name }) => isCode(name));
  return {
    folder,
    blocks: code.flatMap(({ blocks }) => blocks),
    strings: files.flatMap(({ strings }) => strings),
    variables: files.filter(({ name }) => READ_BY_ITSELF.test(name)).map(({ text }) => text),
    unread: code.flatMap(({ name, errorLine }) => (errorLine === undefined ? [] : [`${name}:${errorLine}`])),
  };
}

/** Whether a folder contains Terraform files. */
export async function hasModule(folder: string): Promise<boolean> {
  return (await readdir(folder)).some(isCode);
}

function isCode(name: string): boolean {
  return CODE.test(name) || JSON_CODE.test(name);
}

function quotedInJson(text: string): readonly string[] {
  return [...text.matchAll(/"((?:[^"\\\n]|\\.)*)"/g)].map(([, value = '']) => value);
}
