import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type ProcessResult, spawnCli } from '../helpers/cli.ts';
import { describeWith } from '../helpers/require.ts';
import { KEY, md5 } from '../helpers/state-bench.ts';
import { useStateProject } from '../helpers/state-project.ts';
import { resourceOf, stateOf } from '../terraform/state/states.ts';
import { FULL } from './cases.ts';
import { manyVersions } from './many-versions.ts';

/** CRC_FAULTS=full: the number of versions after several years of applies in CI. */
const VERSIONS = FULL ? 10_000 : 2_500;
const MAX_MEBIBYTES = 200;

describeWith('moto', 'crc state with large states', () => {
  const { proxy, cwd, env, put, putDigest } = useStateProject();

  const folder = mkdtempSync(join(tmpdir(), 'crc-memory-'));
  const meter = join(folder, 'meter.mjs');
  writeFileSync(
    meter,
    `import { writeFileSync } from 'node:fs';
     process.on('exit', () => writeFileSync(process.env.METER_FILE, String(process.resourceUsage().maxRSS)));`,
  );

  /** Runs a command in a separate process, whose memory must stay small. */
  async function runWithinLimit(...args: string[]): Promise<ProcessResult> {
    const file = join(folder, 'memory');
    const result = await spawnCli(['state', ...args], {
      cwd: cwd(),
      env: { ...env(), NODE_OPTIONS: `--import=${meter}`, METER_FILE: file },
    });
    const mebibytes = Math.round(Number(readFileSync(file, 'utf8')) / 1024);
    process.stderr.write(`state ${args.join(' ')}: ${mebibytes} MiB\n`);
    expect(mebibytes, args.join(' ')).toBeLessThan(MAX_MEBIBYTES);
    return result;
  }

  it(`reads a state of 50 MB in under ${MAX_MEBIBYTES} MiB of memory`, async () => {
    const filler = 'x'.repeat(1_000);
    const largeState = (serial: number) =>
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
    await put(largeState(1));
    await put(largeState(2));
    for (const args of [['list'], ['history'], ['diff'], ['restore', KEY, '~1', '--yes'], ['check']]) {
      const { code, stderr } = await runWithinLimit(...args);
      expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    }
  }, 3_600_000);

  it(`reads ${VERSIONS} versions page by page, reports its progress, and uses little memory`, async () => {
    const state = (serial: number, lineage: string) =>
      JSON.stringify(stateOf({ serial, lineage, resources: [resourceOf('a.b', { id: `${serial}` })] }));
    const bodies = Array.from({ length: VERSIONS }, (_, index) => state(index + 1, index === 0 ? 'theirs' : 'ours'));
    proxy().intercept = manyVersions(bodies);
    await putDigest(md5(bodies.at(-1) ?? ''));

    const listed = await runWithinLimit('list', '--json');
    expect(JSON.parse(listed.stdout).states).toMatchObject([{ key: KEY, serial: VERSIONS, digest: 'match' }]);
    expect(listed.stderr).toContain('listed 2000 versions');
    const history = await runWithinLimit('history', '--json');
    expect(JSON.parse(history.stdout).versions).toHaveLength(VERSIONS);
    expect(history.stderr).toContain(`read 500 of ${VERSIONS} versions`);
    expect((await runWithinLimit('diff', KEY, '1', '~0', '--json')).code).toBe(0);

    // The oldest version belongs to another project, and the digest matches it.
    await putDigest(md5(bodies[0] ?? ''));
    const check = await runWithinLimit('check', '--json');
    const { problems } = JSON.parse(check.stdout) as { problems: readonly { id: string; message: string }[] };
    expect(
      problems.map(({ id, message }) => [id, message.replace(/^.*?(?=lineage differs|The digest is)/, '')]),
    ).toEqual([
      ['digest-mismatch', expect.stringMatching(/^The digest is that of an older version:/)],
      ['other-lineage', `lineage differs from that of the versions up to ${VERSIONS - 1} writes ago.`],
    ]);
    expect(check.stderr).toContain(`read 500 of ${VERSIONS - 1} versions`);

    const restored = await runWithinLimit('restore', KEY, `~${VERSIONS - 1}`, '--yes', '--other-lineage', '--json');
    expect(JSON.parse(restored.stdout)).toMatchObject({ status: 'restored', restored: { serial: VERSIONS + 1 } });
    expect(bodies.at(-1)).toBe(state(VERSIONS + 1, 'theirs').replace(`"id":"${VERSIONS + 1}"`, '"id":"1"'));
  }, 3_600_000);
});
