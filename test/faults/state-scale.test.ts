import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { type ProcessResult, spawnCli } from '../helpers/cli.ts';
import { backendConfig, writeConfig } from '../helpers/configs.ts';
import { useMoto } from '../helpers/moto.ts';
import { describeWith } from '../helpers/require.ts';
import { KEY, stateBench } from '../helpers/state-bench.ts';
import { resourceOf, stateOf } from '../terraform/state/states.ts';

/** CRC_FAULTS=full: as many versions as a state has after some years of applies by CI. */
const FULL = process.env.CRC_FAULTS === 'full';
const VERSIONS = FULL ? 10_000 : 2_500;
const MAX_MEBIBYTES = 200;
/** Versions that are written at a time. */
const AT_ONCE = 50;

describeWith('moto', 'crc state, at its limits', () => {
  const moto = useMoto();
  const { put, putObject, putDigest, setUp, versionsOf } = stateBench(moto);
  let cwd: string;
  beforeEach(async () => {
    cwd = writeConfig(backendConfig());
    await setUp();
  });

  const folder = mkdtempSync(join(tmpdir(), 'crc-memory-'));
  const meter = join(folder, 'meter.mjs');
  writeFileSync(
    meter,
    `import { writeFileSync } from 'node:fs';
     process.on('exit', () => writeFileSync(process.env.METER_FILE, String(process.resourceUsage().maxRSS)));`,
  );

  /** Runs it in a process of its own, which must stay small. */
  async function small(...words: string[]): Promise<ProcessResult> {
    const file = join(folder, 'memory');
    const result = await spawnCli(['state', ...words], {
      cwd,
      env: { ...moto().env, NODE_OPTIONS: `--import=${meter}`, METER_FILE: file },
    });
    const mebibytes = Math.round(Number(readFileSync(file, 'utf8')) / 1024);
    process.stderr.write(`state ${words.join(' ')}: ${mebibytes} MiB\n`);
    expect(mebibytes, words.join(' ')).toBeLessThan(MAX_MEBIBYTES);
    return result;
  }

  it(`reads a state of 50 MB in under ${MAX_MEBIBYTES} MiB of memory`, async () => {
    const filler = 'x'.repeat(1_000);
    const large = (serial: number) =>
      JSON.stringify(
        stateOf({
          serial,
          resources: Array.from({ length: 12_000 }, (_, index) =>
            resourceOf(`aws_s3_object.o${index}`, {
              id: `${index}`,
              a: filler,
              b: filler,
              c: filler,
              d: `${filler}${serial}`,
            }),
          ),
        }),
      );
    await put(large(1));
    await put(large(2));
    for (const words of [['list'], ['history'], ['diff'], ['restore', KEY, '~1', '--yes'], ['check']]) {
      const { code, stderr } = await small(...words);
      expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    }
  });

  it(
    `reads ${VERSIONS} versions page by page, says how far it is, and stays small`,
    async () => {
      const state = (serial: number, lineage: string) =>
        JSON.stringify(stateOf({ serial, lineage, resources: [resourceOf('a.b', { id: `${serial}` })] }));
      await putObject(state(1, 'theirs'));
      for (let serial = 2; serial <= VERSIONS; serial += AT_ONCE) {
        const serials = Array.from({ length: Math.min(AT_ONCE, VERSIONS - serial + 1) }, (_, index) => serial + index);
        await Promise.all(serials.map((number) => putObject(state(number, 'ours'))));
      }
      const last = state(VERSIONS + 1, 'ours');
      await put(last);
      const count = VERSIONS + 1;

      const listed = await small('list', '--json');
      expect(JSON.parse(listed.stdout).states).toMatchObject([{ key: KEY, serial: count, digest: 'match' }]);
      expect(listed.stderr).toContain('listed ');
      const history = await small('history', '--json');
      expect(JSON.parse(history.stdout).versions).toHaveLength(count);
      expect(history.stderr).toContain(`read 500 of ${count} versions`);
      expect((await small('diff', KEY, '1', '~0', '--json')).code).toBe(0);

      // The very first version is another project's, and the digest is that of none.
      await putDigest('0'.repeat(32));
      const check = await small('check', '--json');
      const { problems } = JSON.parse(check.stdout) as { problems: readonly { id: string; message: string }[] };
      expect(
        problems.map(({ id, message }) => [id, message.replace(/^.*?(?=lineage differs|The digest is)/, '')]),
      ).toEqual([
        ['digest-mismatch', expect.stringMatching(/^The digest is that of no version:/)],
        ['other-lineage', `lineage differs from that of the versions up to ${VERSIONS} writes ago.`],
      ]);
      expect(check.stderr).toContain(`read 500 of ${VERSIONS} versions`);

      const restored = await small('restore', KEY, `~${VERSIONS}`, '--yes', '--other-lineage', '--json');
      expect(JSON.parse(restored.stdout)).toMatchObject({ status: 'restored', restored: { serial: count + 1 } });
      const { versions } = await versionsOf();
      expect(versions.length).toBeGreaterThan(0);
    },
    FULL ? 3_600_000 : 600_000,
  );
});
