import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAst } from 'vitest/node';
import { COMMANDS } from '../src/commands/index.ts';
import { oldWords } from './helpers/language.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join('src', file));
const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((file) => join('docs', file))].filter((file) =>
  file.endsWith('.md'),
);

/** The texts of a file that may be shown: string literals of more than one word, with `…` for what is filled in. */
function textsOf(code: string): readonly string[] {
  const texts: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const one of node) visit(one);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const { type, value, quasis } = node as { type?: unknown; value?: unknown; quasis?: unknown };
    if (type === 'Literal' && typeof value === 'string') texts.push(value);
    if (type === 'TemplateLiteral' && Array.isArray(quasis)) {
      texts.push(quasis.map((quasi: { value: { cooked: string } }) => quasi.value.cooked).join('…'));
    }
    for (const inner of Object.values(node)) visit(inner);
  };
  visit(parseAst(code, { lang: 'ts' }));
  return texts.filter((text) => text.includes(' '));
}

function problems(file: string, texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => oldWords(text).map((problem) => `${file}: ${problem}: ${text.slice(0, 120)}`));
}

describe('plain English', () => {
  it('in every text of the sources', () => {
    const found = SOURCES.flatMap((file) => problems(file, textsOf(readFileSync(join(ROOT, file), 'utf8'))));
    expect(found).toEqual([]);
  });

  it.each(PAGES)('in %s', (file) => {
    expect(problems(file, readFileSync(join(ROOT, file), 'utf8').split('\n'))).toEqual([]);
  });

  it('is what the check looks for: an old word is found with what to write instead', () => {
    const code = "throw new Error(`${name} is not there: somebody took it`); const one = 'mend';";
    expect(problems('x.ts', textsOf(code))).toEqual([
      expect.stringContaining('"is not there", better: not found'),
      expect.stringContaining('"somebody", better: another user'),
    ]);
  });
});

describe('commands to run', () => {
  // Hidden ones are for scripts.
  const name = COMMANDS.flatMap((command) => (command.listing === 'none' ? [] : [command.name])).join('|');
  /** `npx crc` is right in files for a project, which has crc installed. */
  const bare = new RegExp(`(?<!npx )\\bcrc (${name})(?![\\w-])`);
  /** Texts that name a command and are not about running it. */
  const names = [
    /^(### )?crc (audit|demo|verify): /,
    /^(--config: )?crc init writes /,
    /\bcrc version( that |=)/,
    // A line to paste: it is crc for itself that the sandbox has.
    /^npx crc sandbox -- /,
    // Who holds a lock, as Terraform shows it, and what wrote a workflow.
    /^crc (state restore|state check|workflow)$/,
  ];
  const bareCommands = (file: string, code: string) =>
    textsOf(code)
      .filter((text) => bare.test(text.replace(/`[^`]*`/g, '')) && !names.some((known) => known.test(text)))
      .map((text) => `${file}: ${text}`);

  it('are in backticks in every text, so that they are shown as they can be pasted', () => {
    // Definitions and the pages of the help are the manual, and the commands of causes are shown in backticks.
    const elsewhere = ['commands/definitions/', 'commands/help-pages.ts', 'trust/causes/', 'trust/refusal.ts'];
    const files = SOURCES.filter((file) => !elsewhere.some((one) => file.startsWith(join('src', one))));
    expect(files.flatMap((file) => bareCommands(file, readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
  });

  it('are what the check looks for', () => {
    const code =
      "const a = 'Run crc init on a terminal'; const b = 'Run `crc init` there'; const c = 'npx crc init now';";
    expect(bareCommands('x.ts', code)).toEqual(['x.ts: Run crc init on a terminal']);
  });
});
