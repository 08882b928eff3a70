import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/commands/index.ts';
import { GLOBAL_OPTIONS, type OptionDefinitions } from '../../src/commands/options.ts';
import { type Page, pages, ROOT } from '../helpers/pages.ts';

/** A crc command line, up to a shell operator or another command. */
const CALL = /(?<![\w./-])(?:crc|crc-bootstrap)((?: +(?!-- )(?:[\w@.:/=*-]+|"[^"]*"|'[^']*'|\[[^\]]*\]|<[^>]*>))+)/g;

/** Flags of other programs that the pages mention without the program's name. */
const FLAGS_OF_OTHERS = new Set(['--full', '--enable-source-maps', '--target']);

const flagOf = ([key, { kind }]: [string, OptionDefinitions[string]]) =>
  `--${kind === 'negated' ? 'no-' : ''}${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
const flagsOf = (options: OptionDefinitions = {}) => Object.entries(options).map(flagOf);
const GLOBAL = [...flagsOf(GLOBAL_OPTIONS), '--help', '--version'];
const ALL = new Set([...GLOBAL, ...COMMANDS.flatMap(({ options }) => flagsOf(options)), ...FLAGS_OF_OTHERS]);

/** Commands and flags in a command line that crc does not have. */
function unknownIn(line: string): readonly string[] {
  return [...line.matchAll(CALL)].flatMap(([call, rest = '']) => {
    const words = rest.trim().split(/ +/);
    const flags = words.flatMap((word) => /^--[a-z-]+/.exec(word)?.[0] ?? []);
    const [name = '', below = ''] = words.filter((word) => !word.startsWith('-'));
    // In prose, the next word is not always a command: "crc does", "crc:project".
    const command = [`${name} ${below}`, name].flatMap(
      (commandName) => COMMANDS.find((candidate) => candidate.name === commandName) ?? [],
    )[0];
    if (command === undefined && /^[a-z][a-z-]*$/.test(name) && name !== 'help') return [call];
    const known = [...GLOBAL, ...flagsOf(command?.options)];
    return flags.filter((flag) => !known.includes(flag)).map((flag) => `${call}: ${flag}`);
  });
}

/** The command lines in a code block. */
function typed({ language, text }: Page['blocks'][number]): readonly string[] {
  const lines = text.split('\n');
  if (language === 'sh') return lines.map((line) => line.replace(/(^|\s)#.*/, ''));
  return lines.flatMap((line) => /^\$ (.*)/.exec(line)?.[1] ?? []);
}

const SCHEMA: Schema = JSON.parse(readFileSync(join(ROOT, 'config.schema.json'), 'utf8'));
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

function variants(schema: Schema): readonly Schema[] {
  return [
    schema,
    ...(schema.anyOf ?? []).flatMap(variants),
    ...(schema.items === undefined ? [] : variants(schema.items)),
  ];
}

function isInSchema([key, ...rest]: readonly string[], schema: Schema): boolean {
  if (key === undefined) return true;
  return variants(schema).some(({ properties = {} }) => {
    const inner = properties[key];
    return inner !== undefined && isInSchema(rest, inner);
  });
}

function keysIn(schema: Schema): readonly string[] {
  return variants(schema).flatMap(({ properties = {} }) =>
    Object.entries(properties).flatMap(([key, inner]) => [key, ...keysIn(inner)]),
  );
}

const ALL_KEYS = new Set(keysIn(SCHEMA));

const PAGES = pages().map((page) => [page.path, page] as const);

it.each(PAGES)('%s shows only commands and flags that crc has', (_, { code, blocks }) => {
  const lines = [...code, ...blocks.flatMap(typed)];
  expect(lines.flatMap(unknownIn)).toEqual([]);
  const flags = code.flatMap((text) => /^--[a-z][a-z-]*/.exec(text)?.[0] ?? []);
  expect(flags.filter((flag) => !ALL.has(flag))).toEqual([]);
});

// docs/json.md describes other documents. docs/config.md is generated from the schema, and its examples contain names
// of tags and variables.
const ON_CONFIG = PAGES.filter(([path]) => path !== 'docs/json.md' && path !== 'docs/config.md');

it.each(ON_CONFIG)('%s names only keys that the config has', (_, { code }) => {
  // A file may be named like a part of the config: `functions.ts`.
  const paths = code.filter(
    (text) => /^\w+(\[\d*\])?(\.\w+(\[\d*\])?)+$/.test(text) && !/\.(ts|js|json|md)$/.test(text),
  );
  const ofConfig = paths
    .map((text) => text.replace(/\[\d*\]/g, '').split('.'))
    .filter(([first = '']) => isInSchema([first], SCHEMA));
  expect(ofConfig.filter((keys) => !isInSchema(keys, SCHEMA))).toEqual([]);
  const keys = code.flatMap((text) => [...text.matchAll(/"(\w+)":/g)].map(([, key = '']) => key));
  expect(keys.filter((key) => !ALL_KEYS.has(key))).toEqual([]);
});

describe('the check of names', () => {
  it.each([
    'npx crc verfiy',
    'crc verify --markdwon',
    'crc sandbox -- crc bootstrp',
    "crc sandbox -- sh -c 'crc bootstrap && crc vrify'",
    'crc --jsn verify',
  ])('finds the mistake in %s', (line) => {
    expect(unknownIn(line)).toHaveLength(1);
  });

  it.each(['npx crc-bootstrap init', 'crc verify --json | jq -c', 'crc permissions bootstrap', 'crc:project', 'crc'])(
    'accepts %s',
    (line) => {
      expect(unknownIn(line)).toEqual([]);
    },
  );
});
