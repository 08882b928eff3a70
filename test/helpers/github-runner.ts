import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { data, Evaluator, Parser } from '@actions/expressions';
import { tokensOf } from '../../src/github/reader/expressions.ts';
import { folderWith } from './folder.ts';

/** Emulates how GitHub's runner prepares a workflow's steps: evaluates expressions with GitHub's own library. */

export type Contexts = Readonly<Record<string, string>>;

/** The value of an expression without `${{ }}`. Contexts are given as paths: `github.ref`. */
export function evaluate(expression: string, contexts: Contexts): string {
  const root = new data.Dictionary();
  for (const [path, value] of Object.entries(contexts)) {
    const keys = path.split('.');
    let at = root;
    for (const key of keys.slice(0, -1)) {
      const inner = at.get(key);
      const next = inner instanceof data.Dictionary ? inner : new data.Dictionary();
      if (next !== inner) at.add(key, next);
      at = next;
    }
    at.add(keys.at(-1) ?? '', new data.StringData(value));
  }
  const names = [...new Set(Object.keys(contexts).map((path) => path.split('.')[0] ?? ''))];
  const parsed = new Parser(tokensOf(expression), names, []).parse();
  return new Evaluator(parsed, root).evaluate().coerceString();
}

/** Evaluates all expressions in a text. An expression ends at the first `}}` outside of its strings. */
export function filledIn(text: string, contexts: Contexts): string {
  const start = text.indexOf('${{');
  if (start < 0) return text;
  let quoted = false;
  for (let at = start + 3; at < text.length; at += 1) {
    if (text[at] === "'") quoted = !quoted;
    else if (!quoted && text.startsWith('}}', at)) {
      const value = evaluate(text.slice(start + 3, at), contexts);
      return text.slice(0, start) + value + filledIn(text.slice(at + 2), contexts);
    }
  }
  throw new Error(`unterminated expression: ${JSON.stringify(text)}`);
}

/**
 * Runs a step's `run:` script in bash with GitHub's options. `npx` and `terraform` only print their arguments, and no
 * other program is available.
 */
export function createRunner(): (script: string) => readonly (readonly string[])[] {
  const program = '#!/bin/bash\nprintf "%s\\0" "$@" ""\n';
  const bin = folderWith({ npx: program, terraform: program });
  for (const name of ['npx', 'terraform']) chmodSync(join(bin, name), 0o755);
  return (script) => {
    const { stdout, stderr, status } = spawnSync(
      '/bin/bash',
      ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script],
      { env: { PATH: bin }, cwd: bin, encoding: 'utf8' },
    );
    if (status !== 0 || stderr !== '') throw new Error(`bash: ${status} ${stderr}`);
    return stdout
      .split('\0\0')
      .slice(0, -1)
      .map((call) => call.split('\0'));
  };
}
