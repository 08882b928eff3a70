import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { spawnCli } from '../helpers/cli.ts';
import { describeWith } from '../helpers/require.ts';
import { BUCKET, KEY } from '../helpers/state-bench.ts';
import { useStateProject } from '../helpers/state-project.ts';
import { resourceOf, stateOf } from '../terraform/state/states.ts';

const STATE = JSON.stringify(
  stateOf({ serial: 1, lineage: 'ours', resources: [resourceOf('aws_sqs_queue.q1', { id: '1' })] }),
);

describeWith('moto', 'crc state with many versions', () => {
  const { proxy, cwd, env, put } = useStateProject();
  beforeEach(() => put(STATE));

  it.each([
    ['of one key', 'history', () => KEY],
    ['of many keys', 'list', (index: number) => `states/${String(index).padStart(5, '0')}.tfstate`],
  ])(
    'reads 10,000 versions %s page by page, in 200 MiB, and reports its progress',
    async (_, verb, keyOf) => {
      const body = STATE;
      const answer = {
        'content-length': body.length,
        'x-amz-request-id': 'R',
        etag: '"e"',
        'last-modified': new Date(0).toUTCString(),
      };
      let pages = 0;
      proxy().intercept = async ({ method, path }, __, response) => {
        const query = new URL(path, 'http://s3').searchParams;
        if (method !== 'GET' || !path.startsWith(`/${BUCKET}`)) return 'pass';
        if (query.has('versions')) {
          pages += 1;
          response
            .writeHead(200, { 'content-type': 'application/xml', 'x-amz-request-id': 'R' })
            .end(page(Number(query.get('version-id-marker') ?? 0), keyOf));
          return 'handled';
        }
        if (!query.has('versionId')) return 'pass';
        response.writeHead(200, answer).end(body);
        return 'handled';
      };
      const file = join(cwd(), 'memory');
      const meter = join(cwd(), 'meter.mjs');
      writeFileSync(
        meter,
        `import { writeFileSync } from 'node:fs';
       process.on('exit', () => writeFileSync(${JSON.stringify(file)}, String(process.resourceUsage().maxRSS)));`,
      );
      const { code, stdout, stderr } = await spawnCli(['state', verb, '--json'], {
        cwd: cwd(),
        env: { ...env(), NODE_OPTIONS: `--import=${meter}` },
      });
      expect(code === 0 ? '' : stderr).toBe('');
      const document = JSON.parse(stdout);
      expect(document.error).toBeUndefined();
      expect([pages, (document.versions ?? document.states).length]).toEqual([10, 10_000]);
      expect(stderr).toContain('listed 2000 versions');
      expect(stderr).toContain('read 9500 of 10000 versions');
      expect(Number(readFileSync(file, 'utf8')) / 1024).toBeLessThan(200);
    },
    180_000,
  );

  /** One of ten pages of a version list in S3's format. */
  function page(from: number, keyOf: (index: number) => string): string {
    const entries = Array.from({ length: 1_000 }, (_, index) => {
      const [at, isLatest] = [from + index, from + index === 0 || keyOf(1) !== keyOf(0)];
      const time = new Date(Date.UTC(2026, 10, 20) - at * 60_000).toISOString();
      return `<Version><Key>${keyOf(at)}</Key><VersionId>${at + 1}</VersionId><IsLatest>${isLatest}</IsLatest><LastModified>${time}</LastModified><ETag>"e${at}"</ETag><Size>${STATE.length}</Size></Version>`;
    });
    const next = from + 1_000;
    const marker = `<NextKeyMarker>${keyOf(next - 1)}</NextKeyMarker><NextVersionIdMarker>${next}</NextVersionIdMarker>`;
    return `<?xml version="1.0"?><ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${BUCKET}</Name><IsTruncated>${next < 10_000}</IsTruncated>${next < 10_000 ? marker : ''}${entries.join('')}</ListVersionsResult>`;
  }
});
