import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Definition, Handler, OptionsOf } from '../../src/commands/command.ts';
import type { VerifyOptions } from '../../src/commands/definitions/verify.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import { GLOBAL_OPTIONS, type GlobalOptions } from '../../src/commands/options.ts';
import { verify } from '../../src/commands/verify.ts';
import type { Io } from '../../src/ui/io.ts';

const FOLDER = new URL('../../src/commands/definitions/', import.meta.url);
const FILES = readdirSync(fileURLToPath(FOLDER));

describe('definitions', () => {
  it.each(FILES)('%s is in the list under its name', async (file) => {
    const exported: object = await import(new URL(file, FOLDER).href);
    const [definition, ...otherExports] = Object.values(exported);
    expect(otherExports).toEqual([]);
    const commands = COMMANDS.filter(({ name }) => `${name.replaceAll(' ', '-')}.ts` === file);
    expect(commands).toEqual([{ ...definition, run: expect.any(Function) }]);
  });

  it('are all in the list', () => {
    expect(COMMANDS.map(({ name }) => `${name.replaceAll(' ', '-')}.ts`).sort()).toEqual([...FILES].sort());
  });

  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    '%s: each key is one flag or argument, and its flag is derived from the key',
    (_, command) => {
      const keys = [command.arguments ?? {}, command.options ?? {}, GLOBAL_OPTIONS].flatMap(Object.keys);
      expect(keys).toEqual([...new Set(keys)]);
      expect(keys.filter((key) => !/^[a-z]+([A-Z][a-z]+)*$/.test(key))).toEqual([]);
    },
  );
});

/** The texts of the tests that run crc. */
const RUNS = ['.', '../integration'].flatMap((folder) => {
  const url = new URL(`${folder}/`, import.meta.url);
  const tests = readdirSync(fileURLToPath(url)).filter((file) => file.endsWith('.test.ts'));
  return tests.map((file) => readFileSync(new URL(file, url), 'utf8'));
});

it.each(COMMANDS.filter(({ isGroup }) => !isGroup).map(({ name }) => name))('%s is run by a test', (name) => {
  const words = name.split(' ').map((word) => new RegExp(`[[(,]\\s*'${word}'`));
  expect(RUNS.some((text) => words.every((word) => word.test(text)))).toBe(true);
});

const COPY = {
  name: 'copy',
  group: 'More',
  summary: 'copy a file',
  arguments: {
    from: { kind: 'required', placeholder: 'file', summary: 'what to copy' },
    to: { kind: 'optional', placeholder: 'file', summary: 'where to' },
    more: { kind: 'list', placeholder: 'file', summary: 'more files to copy' },
  },
  options: {
    dryRun: { kind: 'switch', summary: 'copy nothing' },
    smokeTest: { kind: 'negated', summary: 'do not compare' },
    owner: { kind: 'value', placeholder: 'name', summary: 'owner of the copy' },
    rollback: { kind: 'optional-value', placeholder: 'version', summary: 'previous version' },
    skip: { kind: 'repeatable', placeholder: 'file', summary: 'leave out' },
  },
  exitCodes: { 0: 'copied', 1: 'not copied' },
  examples: [['copy a b', 'once']],
} as const satisfies Definition;

describe("a handler's options", () => {
  it('are exactly what the definition says', () => {
    expectTypeOf<OptionsOf<typeof COPY>>().toEqualTypeOf<
      Readonly<{
        from: string;
        to?: string;
        more: readonly string[];
        dryRun?: boolean;
        smokeTest?: boolean;
        owner?: string;
        rollback?: string | true;
        skip?: readonly string[];
        config?: string;
        region?: string;
        profile?: string;
        endpointUrl?: string;
        json?: boolean;
        verbose?: boolean;
        color?: boolean;
      }>
    >();
  });

  it('of a command contain its flags, the global flags, and no others', () => {
    expectTypeOf(verify).parameter(0).toEqualTypeOf<VerifyOptions>();
    expectTypeOf<keyof VerifyOptions>().toEqualTypeOf<
      'details' | 'markdown' | 'strict' | 'build' | 'only' | keyof GlobalOptions
    >();
    expectTypeOf<VerifyOptions>().not.toHaveProperty('markdwon');
    expectTypeOf<VerifyOptions['strict']>().toEqualTypeOf<boolean | undefined>();
  });

  it('do not fit a handler that expects a flag of a different type or an unknown flag', () => {
    type Takes<O> = (options: O, io: Io) => Promise<number>;
    expectTypeOf<Takes<{ owner?: string }>>().toExtend<Handler<typeof COPY>>();
    expectTypeOf<Takes<{ owner?: boolean }>>().not.toExtend<Handler<typeof COPY>>();
    expectTypeOf<Takes<{ owner: string }>>().not.toExtend<Handler<typeof COPY>>();
    expectTypeOf<Takes<{ group: string }>>().not.toExtend<Handler<typeof COPY>>();
  });
});
