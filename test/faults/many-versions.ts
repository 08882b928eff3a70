import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Intercept } from '../helpers/proxy.ts';
import { BUCKET, KEY, md5 } from '../helpers/state-bench.ts';

/** Page size of S3's lists. */
const PAGE = 1_000;

/**
 * Emulates an S3 state with many versions, since writing them to Moto would take minutes. `bodies` starts with the
 * oldest version, and new versions are appended.
 */
export function manyVersions(bodies: string[]): Intercept {
  return async ({ method, path, body }, { headers }, response) => {
    const url = new URL(path, 'http://s3');
    if (url.pathname.replace(/\/$/, '') === `/${BUCKET}` && url.searchParams.has('versions')) {
      answer(response, page(bodies, url.searchParams.get('version-id-marker')), { 'content-type': 'application/xml' });
      return 'handled';
    }
    if (decodeURIComponent(url.pathname) !== `/${BUCKET}/${KEY}`) return 'pass';
    if (method === 'PUT') {
      bodies.push(contentOf(body, headers));
      answer(response, '', { etag: `"${md5(bodies.at(-1) ?? '')}"`, 'x-amz-version-id': `v${bodies.length - 1}` });
      return 'handled';
    }
    const text = bodies[Number(url.searchParams.get('versionId')?.slice(1))] ?? '';
    const [, from = '0', to = String(text.length)] = /bytes=(\d+)-(\d+)/.exec(headers.range ?? '') ?? [];
    const about = { etag: `"${md5(text)}"`, 'last-modified': new Date(0).toUTCString() };
    answer(response, text.slice(Number(from), Number(to) + 1), about, headers.range === undefined ? 200 : 206);
    return 'handled';
  };
}

function answer(response: ServerResponse, body: string, headers: Readonly<Record<string, string>>, status = 200): void {
  response.writeHead(status, { 'x-amz-request-id': 'C0FFEE0000000001', 'x-amz-id-2': 'host', ...headers }).end(body);
}

/** A page of versions, newest first. */
function page(bodies: readonly string[], marker: string | null): string {
  const start = marker === null ? bodies.length - 1 : Number(marker.slice(1)) - 1;
  const numbers = Array.from({ length: Math.min(PAGE, start + 1) }, (_, index) => start - index);
  const last = numbers.at(-1) ?? 0;
  const next =
    last > 0 ? `<NextKeyMarker>${KEY}</NextKeyMarker><NextVersionIdMarker>v${last}</NextVersionIdMarker>` : '';
  const versions = numbers.map((number) => {
    const text = bodies[number] ?? '';
    const time = new Date(Date.UTC(2024, 0, 1) + number * 60_000).toISOString();
    return `<Version><Key>${KEY}</Key><VersionId>v${number}</VersionId><IsLatest>${number === bodies.length - 1}</IsLatest><LastModified>${time}</LastModified><ETag>&quot;${md5(text)}-1&quot;</ETag><Size>${text.length}</Size></Version>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${BUCKET}</Name><Prefix/><KeyMarker/><MaxKeys>${PAGE}</MaxKeys><IsTruncated>${last > 0}</IsTruncated>${next}${versions.join('')}</ListVersionsResult>`;
}

/** The content of a body with chunked signatures, which add a line before and after it. */
function contentOf(body: string, headers: IncomingMessage['headers']): string {
  if (headers['content-encoding'] !== 'aws-chunked') return body;
  const size = Number(headers['x-amz-decoded-content-length']);
  const start = body.indexOf('\r\n') + 2;
  return body.slice(start, start + size);
}
