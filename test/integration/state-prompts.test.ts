import { beforeEach, describe, expect, it } from 'vitest';
import { backendConfig, writeConfig } from '../helpers/configs.ts';
import { useMoto } from '../helpers/moto.ts';
import { startProxy } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';
import { KEY, lockInfo, stateBench } from '../helpers/state-bench.ts';
import { runInTerminal } from '../helpers/terminal.ts';
import { secretState } from '../terraform/state/states.ts';

const COMMANDS = [
  [`restore ${KEY} '~1'`, /Restore [\s\S]*\[y\/N\]/],
  [`unlock ${KEY}`, /Release it\?/],
  ['check --fix', /Set 1 digest\?/],
] as const;

describeWith(['moto', 'script'], 'the prompts of crc state', () => {
  const moto = useMoto();
  const { current, digest, lockItem, locks, put, putDigest, setUp } = stateBench(moto);
  let cwd: string;
  const wrongDigest = '0'.repeat(32);
  beforeEach(async () => {
    cwd = writeConfig(backendConfig());
    await setUp();
    for (const serial of [1, 2]) await put(secretState(serial));
  });

  const runAndAnswer = async (
    line: string,
    question: RegExp,
    answer: string,
    env: Readonly<Record<string, string>> = {},
  ) => {
    if (line.startsWith('unlock')) await lockItem(lockInfo('old'));
    if (line.startsWith('check')) await putDigest(wrongDigest);
    const size = { columns: 80, rows: 24 };
    const typed = [[question, answer]] as const;
    return await runInTerminal(`crc state ${line}`, { cwd, env: { ...moto().env, ...env }, typed, size });
  };

  describe.each(COMMANDS)('crc state %s', (line, question) => {
    it.each([
      ['a no', 'n\r', 1],
      ['Enter', '\r', 1],
      ['Ctrl-C', '\u0003', 130],
    ])('treats %s as a no, which is not an error', async (_, typed, expected) => {
      const { code, shown } = await runAndAnswer(line, question, typed);
      expect([code, shown]).toEqual([expected, expect.stringContaining('Cancelled. No changes were made.')]);
      expect(shown).not.toContain('error:');
      expect(await current()).toBe(secretState(2));
      if (line.startsWith('unlock')) expect(await locks()).toEqual([lockInfo('old')]);
      if (line.startsWith('check')) expect(await digest()).toBe(wrongDigest);
    });

    it('does nothing if the credentials are for another account after a yes', async () => {
      const proxy = await startProxy(moto().endpoint);
      let asked = 0;
      proxy.intercept = async ({ operation }) => {
        if (operation !== 'sts:GetCallerIdentity') return 'pass';
        asked += 1;
        return asked === 1 ? 'pass' : { change: (body) => body.replaceAll('123456789012', '999999999999') };
      };
      try {
        const { code, shown } = await runAndAnswer(line, question, 'y\r', { AWS_ENDPOINT_URL: proxy.endpoint });
        expect([code, shown]).toEqual([1, expect.stringMatching(/account\s+999999999999\s+now/)]);
        expect(await current()).toBe(secretState(2));
        if (line.startsWith('unlock')) expect(await locks()).toEqual([lockInfo('old')]);
        if (line.startsWith('check')) expect(await digest()).toBe(wrongDigest);
      } finally {
        await proxy.stop();
      }
    });

    it('continues after a yes', async () => {
      const { code, shown } = await runAndAnswer(line, question, 'y\r');
      expect([code, shown]).toEqual([0, expect.stringMatching(/Restored|Released|no problems/)]);
      expect(await locks()).toEqual([]);
    });
  });
});
