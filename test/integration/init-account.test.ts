import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { runCli } from '../helpers/cli.ts';
import { REGION } from '../helpers/context.ts';
import { planDocumentSchema } from '../helpers/documents.ts';
import { initDocumentSchema } from '../helpers/documents/others.ts';
import { folderWith } from '../helpers/folder.ts';
import { useMoto } from '../helpers/moto.ts';
import { readOut } from '../helpers/read-out.ts';
import { describeWith } from '../helpers/require.ts';
import { BUCKET, MORE_SET_UPS, REPOSITORY, SET_UPS, type SetUp, TABLE } from '../helpers/set-ups.ts';

const FLAGS = ['init', '--from-account', '--yes', '--repository', REPOSITORY, '--region', REGION];

describeWith('moto', 'crc init --from-account', () => {
  const moto = useMoto();
  const crc = (args: readonly string[], cwd: string, env: Record<string, string> = {}) =>
    runCli(args, { cwd, env: { ...moto().env, PATH: '/nowhere', ...env } });
  const configIn = (cwd: string) => parseConfig(readFileSync(join(cwd, 'crc.config.json'), 'utf8'), 'c');

  describe.each(Object.entries({ ...SET_UPS, ...MORE_SET_UPS }))(
    'of %s',
    (_, { create, files = {}, changes = [] }: SetUp) => {
      it('is a config with which adoption changes tags, and what crc insists on', async () => {
        await create(moto().clients);
        const before = await readOut(moto().clients);
        const cwd = folderWith(files);
        const written = await crc([...FLAGS, '--json'], cwd);
        expect([written.code, written.stderr]).toEqual([0, expect.not.stringContaining('error')]);
        expect(await readOut(moto().clients)).toEqual(before);
        const { account } = initDocumentSchema.parse(JSON.parse(written.stdout));
        expect(account?.changes.map(({ id, path }) => `${id} ${path}`).sort()).toEqual(changes);
        const config = configIn(cwd);
        expect([config.stateBucket.name, config.lockTable?.name]).toEqual([BUCKET, TABLE]);
        expect(JSON.stringify(config)).not.toContain('secret-of-ada');

        const planned = await crc(['bootstrap', '--adopt', '--dry-run', '--json'], cwd);
        const { findings } = planDocumentSchema.parse(JSON.parse(planned.stdout));
        const found = findings.flatMap(({ id, changes: some }) =>
          some.flatMap((change) => {
            if (change.kind === 'create') return [`${id} null`];
            return change.path.startsWith('tags.') ? [] : [`${id} ${change.path}`];
          }),
        );
        expect(found.sort()).toEqual(changes);
        expect(findings.filter(({ status }) => status === 'conflict' || status === 'unread')).toEqual([]);
      });
    },
  );
});
