import type { ServerResponse } from 'node:http';
import type { WireCall } from '../helpers/proxy.ts';
import { errorBody } from './faults.ts';

/** A read that fails on every attempt. */
export interface ReadFault {
  readonly name: string;
  readonly strike: (response: ServerResponse, call: WireCall) => void;
}

const answer =
  (status: number, code: string): ReadFault['strike'] =>
  (response, { method, name }) => {
    const body = method === 'HEAD' ? undefined : errorBody(name, code);
    response.writeHead(status, { 'x-amzn-errortype': code }).end(body);
  };

export const READ_FAULTS: readonly ReadFault[] = [
  {
    name: '403',
    strike: (response, call) =>
      answer(403, call.name.startsWith('s3:') ? 'AccessDenied' : 'AccessDeniedException')(response, call),
  },
  { name: '500', strike: answer(500, 'InternalError') },
  { name: '503', strike: answer(503, 'ServiceUnavailable') },
  {
    name: 'throttling',
    strike: (response, call) =>
      call.name.startsWith('s3:')
        ? answer(503, 'SlowDown')(response, call)
        : answer(400, 'ThrottlingException')(response, call),
  },
  { name: 'reset', strike: (response) => response.destroy() },
  {
    name: 'a not-found error of something else',
    strike: answer(404, 'NoSuchUpload'),
  },
  { name: 'an empty 200', strike: (response) => void response.writeHead(200).end() },
  {
    name: "a gateway's JSON with status 200",
    strike: (response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"message":"ok"}');
    },
  },
  {
    name: "a gateway's JSON with status 404",
    strike: (response) => {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"not found"}');
    },
  },
  { name: 'headers, then nothing', strike: (response) => response.writeHead(200).flushHeaders() },
  {
    name: 'the page of a proxy with status 200',
    strike: (response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Please log in</body></html>');
    },
  },
];

/**
 * The resources of the example config that need this read. Several resources may share it. Empty if the entire run
 * needs it.
 */
export function resourcesNeeding({ name, path, body }: WireCall): readonly string[] {
  if (name === 'GetCallerIdentity') return [];
  if (name.startsWith('s3:')) return ['state-bucket'];
  if (name.includes('Provider')) return ['oidc-provider'];
  if (name === 'ListRoles') return ['role/*'];
  if (name === 'GetResources') return ['function/*'];
  if (name.startsWith('lambda:')) return ['function', 'function-code', 'function-url'].map(ofFunction);
  if (body.includes('abcdef-terraform-locking')) return ['lock-table'];
  if (body.includes('IncrementVisits-execution')) return [ofFunction('execution-role')];
  if (body.includes('GitHubActionsTerraformRole')) return ['role/GitHubActionsTerraformRole'];
  if (body.includes('/aws/lambda/')) return [ofFunction('log-group')];
  if (body.includes('Visits')) return [ofFunction('table')];
  throw new Error(`unknown resource of ${name} ${path} ${body}`);
}

const ofFunction = (kind: string) => `${kind}/IncrementVisits`;
