import { xmlContent } from '../../../aws/xml.ts';
import { uriDecoded } from '../../../decoded.ts';
import type { Json } from '../../../json.ts';
import type { RecordedRequest } from '../call.ts';

/** A request to AWS as sent, or as logged. */
export interface WireRequest {
  readonly method: string;
  /** Including scheme and host: `https://s3.eu-west-2.amazonaws.com/bucket?acl` */
  readonly url: string;
  /** Names in lowercase. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Headers that change what a request does; others concern the connection, or contain a signature. */
const MEANINGFUL =
  /^x-amz-(?!date$|security-token$|content-sha256$|checksum-(?!mode$)|sdk|algorithm|credential|signature)/;

/** A request in the form used to determine permissions. @throws for an invalid URL. */
export function requestOf({ method, url, headers, body }: WireRequest): RecordedRequest {
  const { host, pathname, searchParams } = new URL(url);
  return {
    method,
    host,
    path: uriDecoded(pathname),
    query: Object.fromEntries(searchParams),
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => MEANINGFUL.test(name))),
    body: bodyOf(body, headers['content-type'] ?? ''),
  };
}

/** The region and service in a request's signature: `Credential=KEY/20261126/eu-west-2/s3/aws4_request`. */
export function signatureScope(authorization: string): {
  readonly key: string;
  readonly region: string;
  readonly service: string;
} {
  const [, key = '', region = '', service = ''] =
    /Credential=([^/,\s]*)\/\d+\/([^/]*)\/([^/]*)\/aws4_request/.exec(authorization) ?? [];
  return { key, region, service };
}

/** Undefined without a body, and for one that the log omitted or truncated. */
function bodyOf(given: string, contentType: string): Json | undefined {
  const text = given.trim();
  try {
    if (/^[{[]/.test(text) && !text.startsWith('[Redacted')) return JSON.parse(text) as Json;
    if (text.startsWith('<')) return xmlContent(text);
  } catch {
    return undefined;
  }
  const isForm = contentType.includes('x-www-form-urlencoded') || /^(Action|Version)=/.test(text);
  return isForm && text !== '' ? Object.fromEntries(new URLSearchParams(text)) : undefined;
}
