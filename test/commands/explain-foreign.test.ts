import { expect, it } from 'vitest';
import { configOf, runExplain } from '../helpers/run-explain.ts';

const CONFIG = configOf({ Deploy: ['ref:refs/heads/main'] });
const OTHER = { Deploy: { Version: '2012-10-17', Statement: [] } };

/** The advice for a role that differs from the config, and for a subject that it does not trust. */
async function advice(tags: Readonly<Record<string, string>> | undefined) {
  const given = tags === undefined ? {} : { tags };
  const drifted = await runExplain(CONFIG, ['--subject', 'ref:refs/heads/main'], { ...given, trust: OTHER });
  const added = await runExplain(CONFIG, ['--role', 'Deploy', '--subject', 'ref:refs/heads/dev'], given);
  return [drifted, added].map(({ document }) => document.roles[0]?.subjects[0]?.causes[0]);
}

it('advises bootstrap for a role of this project only: it is blocked for others', async () => {
  for (const cause of await advice(undefined)) expect(cause?.command).toBe('crc bootstrap --only role/Deploy');
  // Unmanaged, or of a crc version that recorded no project.
  for (const cause of [...(await advice({})), ...(await advice({ ManagedBy: 'crc' }))]) {
    expect(cause).toMatchObject({
      command: 'crc plan --adopt --only role/Deploy',
      fix: expect.stringMatching(/ crc did not create the role for this project, and changes it only with --adopt;/),
    });
    expect(cause?.fix).not.toContain('Restore');
  }
  for (const cause of await advice({ ManagedBy: 'crc', 'crc:project': 'blog' })) {
    expect(cause).toMatchObject({
      command: 'crc plan --only role/Deploy',
      fix: expect.stringContaining('belongs to another project, so choose another name for it in the config.'),
    });
  }
});
