import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { runCli, spawnCli } from '../helpers/cli.ts';
import { backendConfig, type LooseConfig } from '../helpers/configs.ts';
import { describeWith } from '../helpers/require.ts';
import { BUCKET, KEY, lockInfo, md5 } from '../helpers/state-bench.ts';
import { useStateProject } from '../helpers/state-project.ts';
import { encryptedState, secretState } from '../terraform/state/states.ts';

const LOCKS: Readonly<Record<string, (config: LooseConfig) => void>> = {
  'the table': () => undefined,
  'the lock file': (config) => {
    delete config.lockTable;
  },
  'both locks': (config) => {
    config.lockTable.lockFile = true;
  },
};

describeWith('moto', 'crc state restore', () => {
  const {
    current,
    cwd,
    digest,
    env,
    json,
    lockFile,
    lockItem,
    locks,
    problems,
    proxy,
    put,
    putDigest,
    remove,
    run,
    use,
    versionsOf,
  } = useStateProject();

  describe.each(Object.entries(LOCKS))('restore with %s', (_, change) => {
    beforeEach(async () => {
      const config = backendConfig();
      change(config);
      use(config);
      for (const serial of [1, 2, 3]) await put(secretState(serial));
    });
    const hasTable = () => JSON.parse(readFileSync(join(cwd(), 'crc.config.json'), 'utf8')).lockTable !== undefined;

    it('writes the old content as the newest version, with a higher serial, and releases the lock', async () => {
      const { code, stderr } = await run('state', 'restore', KEY, '~1', '--yes');
      expect(code === 0 ? '' : stderr).toBe('');
      const expected = secretState(2).replace('"serial": 2', '"serial": 4');
      expect(await current()).toBe(expected);
      if (hasTable()) expect(await digest()).toBe(md5(expected));
      expect((await versionsOf()).versions).toHaveLength(4);
      expect(await locks()).toEqual([]);
      expect(await json('diff', KEY, '2', '~0')).toMatchObject({ added: [], removed: [], changed: [] });
    });

    it('restores by serial', async () => {
      expect((await run('state', 'restore', KEY, '1', '--yes')).code).toBe(0);
      expect(await current()).toBe(secretState(1).replace('"serial": 1', '"serial": 4'));
    });

    it('restores a deleted state', async () => {
      await remove();
      expect((await run('state', 'restore', KEY, '~0', '--yes')).code).toBe(0);
      expect(await current()).toBe(secretState(3).replace('"serial": 3', '"serial": 4'));
      expect(await locks()).toEqual([]);
    });

    it('stops while another process holds the lock, and keeps that lock', async () => {
      const foreignLock = lockInfo('theirs');
      if (hasTable()) await lockItem(foreignLock);
      else await lockFile(foreignLock);
      const { code, stderr } = await run('state', 'restore', KEY, '~1', '--yes');
      expect([code, stderr]).toEqual([1, expect.stringContaining('is locked by me@laptop')]);
      expect(await current()).toBe(secretState(3));
      expect(await locks()).toEqual([foreignLock]);
    });

    it('does not overwrite a state that was written without a lock in the meantime', async () => {
      const newerState = secretState(9);
      let isReplaced = false;
      proxy().intercept = async (call) => {
        if (!isReplaced && call.method === 'PUT' && call.path.startsWith(`/${BUCKET}/${KEY}?`)) {
          isReplaced = true;
          await put(newerState);
        }
        return 'pass';
      };
      const { code, stderr } = await run('state', 'restore', KEY, '~1', '--yes');
      expect([isReplaced, code, stderr]).toEqual([
        true,
        1,
        expect.stringContaining('was written to in the meantime. No changes were made.'),
      ]);
      expect(await current()).toBe(newerState);
      expect(await locks()).toEqual([]);
    });
  });

  describe('restore', () => {
    beforeEach(async () => {
      for (const serial of [1, 2, 3]) await put(secretState(serial));
    });

    it('has no prompt without a terminal on this machine, and needs --yes elsewhere', async () => {
      const { code } = await run('state', 'restore', KEY, '~1');
      expect(code).toBe(0);
      const { port } = new URL(proxy().endpoint);
      const far = { ...env(), AWS_ENDPOINT_URL: `http://localhost.localdomain:${port}` };
      proxy().calls.length = 0;
      const refused = await runCli(['state', 'restore', KEY, '~2', '--json'], { cwd: cwd(), env: far });
      expect(refused.code).toBe(1);
      expect(proxy().calls.filter(({ write }) => write)).toEqual([]);
    });

    it('stops if Terraform holds a lock file, even if the config has only the table', async () => {
      await lockFile(lockInfo('theirs'));
      const { code, stderr } = await run('state', 'restore', KEY, '~1', '--yes');
      expect([code, stderr]).toEqual([1, expect.stringContaining(`${KEY}.tflock is locked by me@laptop`)]);
      expect(stderr).toContain('No changes were made.');
      expect(await current()).toBe(secretState(3));
      expect(await locks()).toEqual([lockInfo('theirs')]);
    });

    it('names both owners if the table and the lock file have different locks', async () => {
      await lockItem(lockInfo('in-table', undefined, 'ann@laptop'));
      await lockFile(lockInfo('in-file', undefined, 'bob@laptop'));
      const { code, stderr } = await run('state', 'restore', KEY, '~1', '--yes');
      expect([code, stderr]).toEqual([1, expect.stringMatching(/by ann@laptop[\s\S]*by bob@laptop/)]);
      expect(await locks()).toHaveLength(2);
    });

    it('does nothing if the newest version already has that content', async () => {
      await run('state', 'restore', KEY, '~1', '--yes');
      proxy().calls.length = 0;
      const { code, stdout } = await run('state', 'restore', KEY, '~0', '--yes');
      expect([code, stdout]).toEqual([0, expect.stringMatching(/\n\nNo differences\.\nNo changes\. The newest/)]);
      expect(proxy().calls.filter(({ write }) => write)).toEqual([]);
    });

    it('sets a wrong digest, even if the newest version already has the content', async () => {
      await putDigest('0'.repeat(32));
      const { code, stdout } = await run('state', 'restore', KEY, '~0', '--yes');
      expect([code, stdout]).toEqual([0, expect.stringContaining('No differences.\n\nIts digest in the lock table')]);
      expect(await digest()).toBe(md5((await current()) ?? ''));
      expect(await problems()).toEqual([]);
    });

    it('restores another lineage only with --other-lineage, also after a write that was cut off', async () => {
      await put(secretState(9, 'theirs'));
      await put(secretState(4).slice(0, -30));
      const { code, stderr } = await run('state', 'restore', KEY, '~1', '--yes');
      expect([code, stderr]).toEqual([1, expect.stringContaining('pass --other-lineage')]);
      expect((await run('state', 'check')).stdout).toContain(`crc state restore ${KEY} '~2'`);
      expect((await run('state', 'restore', KEY, '~2', '--yes')).code).toBe(0);
    });

    it('restores another lineage only with --other-lineage, also if the newest versions have none', async () => {
      await put(secretState(9, 'theirs'));
      await put(secretState(4));
      await put(secretState(5).slice(0, -30));
      await put('');
      const { code, stderr } = await run('state', 'restore', KEY, '~3', '--yes');
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/the newest version with a lineage \(.+pass --other-/s),
      ]);
      expect((await run('state', 'check')).stdout).toContain(`crc state restore ${KEY} '~2'`);
      expect((await run('state', 'restore', KEY, '~2', '--yes')).code).toBe(0);
    });

    it('goes back to the newest lineage, although it was cut off and another project wrote before', async () => {
      await put(secretState(9, 'theirs'));
      await put(secretState(4).slice(0, -30));
      await put('');
      expect((await run('state', 'check')).stdout).toContain(`crc state restore ${KEY} '~3'`);
      expect((await run('state', 'restore', KEY, '~2', '--yes')).code).toBe(1);
      expect((await run('state', 'restore', KEY, '~3', '--yes')).code).toBe(0);
    });

    it('restores another lineage only with --other-lineage', async () => {
      await put(secretState(1, 'another-project'));
      const { code, stderr } = await run('state', 'restore', KEY, '~1', '--yes');
      expect([code, stderr]).toEqual([1, expect.stringContaining('pass --other-lineage')]);
      expect((await run('state', 'restore', KEY, '~1', '--yes', '--other-lineage')).code).toBe(0);
      expect(await current()).toBe(secretState(3).replace('"serial": 3', '"serial": 4'));
      expect(await problems()).toEqual([]);
    });

    it('recognizes a state that OpenTofu encrypted, and restores it byte for byte', async () => {
      const key = 'tofu.tfstate';
      const [oldState, newState] = [encryptedState(1, 'an old secret'), encryptedState(2, 'a new secret')];
      for (const text of [oldState, newState]) await put(text, key);
      const { states } = await json('list');
      expect(states.at(-1)).toMatchObject({ key, kind: 'encrypted', serial: 2, resources: null, digest: 'match' });
      expect((await run('state', 'list')).stdout).toContain('encrypted by OpenTofu');
      const { versions } = await json('history', key);
      expect(versions).toMatchObject([
        { serial: 2, lineage: 'b5b6c1c7-59b7-4b8c-9d3c-2f1c1a0e7d55', resources: null },
        { serial: 1 },
      ]);
      const { code, stderr } = await run('state', 'diff', key);
      expect([code, stderr]).toEqual([1, expect.stringContaining('is encrypted by OpenTofu, and cannot be compared.')]);
      expect((await run('state', 'restore', key, '~1', '--yes')).code).toBe(0);
      expect(await current(key)).toBe(oldState);
      expect(await digest(key)).toBe(md5(oldState));
      expect(await problems()).toEqual(['undeclared-state']);
      // A version can also be identified by its serial.
      expect((await run('state', 'restore', key, '2', '--yes')).code).toBe(0);
      expect(await current(key)).toBe(newState);
    });

    it.each(['~1', '~0'])('refuses to restore what is not a state: %s', async (version) => {
      await put('{"half":');
      if (version === '~1') await put(secretState(5));
      const { code, stderr } = await run('state', 'restore', KEY, version, '--yes');
      expect([code, stderr]).toEqual([1, expect.stringContaining('is not a readable state, so it was not restored.')]);
    });

    it.each([
      ['before the write', 'GET', 'Cancelled. No changes were made.', secretState(3)],
      [
        'at the write',
        'PUT',
        'It was done before it could be stopped.',
        secretState(2).replace('"serial": 2', '"serial": 4'),
      ],
    ])('reports after Ctrl-C %s whether the state was changed', async (_, method, message, content) => {
      let child: ChildProcess | undefined;
      let isInterrupted = false;
      proxy().intercept = async (call) => {
        if (isInterrupted || call.method !== method || !call.path.includes('tfstate')) return 'pass';
        isInterrupted = true;
        const stopping = new Promise<void>((resolve) => {
          child?.stderr?.on('data', (chunk) => String(chunk).includes('Stopping…') && resolve());
        });
        child?.kill('SIGINT');
        await stopping;
        return 'pass';
      };
      const { code, stderr } = await spawnCli(['state', 'restore', KEY, '~1', '--yes'], {
        cwd: cwd(),
        env: env(),
        started: (process) => {
          child = process;
        },
      });
      expect([code, stderr]).toEqual([130, expect.stringContaining(message)]);
      // A second run would restore the version before the one that was just restored.
      expect(stderr).not.toMatch(/run the command again/i);
      expect(await current()).toBe(content);
      expect(await locks()).toEqual([]);
      expect(await problems()).toEqual([]);
    });

    it('succeeds even if responses are lost', async () => {
      const lostCalls = new Set<string>();
      proxy().intercept = async (call) => {
        const id = `${call.name} ${call.path} ${call.body}`;
        if (!call.write || lostCalls.has(id)) return 'pass';
        lostCalls.add(id);
        return 'drop answer';
      };
      const { code, stderr } = await run('state', 'restore', KEY, '~1', '--yes');
      expect(code === 0 ? '' : stderr).toBe('');
      expect(lostCalls.size).toBe(4);
      expect(await locks()).toEqual([]);
      expect(await problems()).toEqual([]);
    });

    it('lets one of two concurrent runs succeed, and the other one reports it', async () => {
      const results = await Promise.all(['~1', '~2'].map((version) => run('state', 'restore', KEY, version, '--yes')));
      const successes = results.filter(({ code }) => code === 0).length;
      expect((await versionsOf()).versions).toHaveLength(3 + successes);
      expect(successes).toBeGreaterThan(0);
      for (const { code, stderr } of results)
        if (code !== 0) expect(stderr).toMatch(/(is|was) locked by|was written to in the meantime/);
      expect(await locks()).toEqual([]);
      expect(await problems()).toEqual([]);
    });
  });
});
