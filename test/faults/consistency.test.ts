import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { project } from '../helpers/configs.ts';
import type { WireAnswer, WireCall } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';
import { type Bench, startBench } from './bench.ts';

/** Milliseconds for which reads return the state before a write. IAM takes a few seconds. */
const STALE = 1_500;

/** AWS is eventually consistent and Moto is not, so the proxy delays the effect of writes. */
describeWith('moto', 'when reads return stale data', () => {
  const cwd = project();
  let bench: Bench;
  let expected: string;
  beforeAll(async () => {
    bench = await startBench();
    await bench.reset();
    expect((await bench.crc(cwd, ['bootstrap'])).code).toBe(0);
    expected = await bench.state();
  });
  beforeEach(() => bench.reset());
  afterAll(() => bench.stop());

  const creations = () => bench.proxy.calls.filter(({ name, method, path }) => isCreation({ name, method, path }));

  it('temporarily stale reads are not a failure, and nothing is created twice', async () => {
    const staleAnswers = new Map<string, WireAnswer>();
    const staleUntil = new Map<string, number>();
    bench.proxy.answered = (call, answer) => {
      if (call.write) staleUntil.set(subjectOf(call), Date.now() + STALE);
      else if ((staleUntil.get(subjectOf(call)) ?? 0) < Date.now()) staleAnswers.set(keyOf(call), answer);
    };
    let stale = 0;
    bench.proxy.intercept = async (call, _, response) => {
      const before = staleAnswers.get(keyOf(call));
      if (call.write || before === undefined || (staleUntil.get(subjectOf(call)) ?? 0) < Date.now()) return 'pass';
      stale += 1;
      replay(before, response);
      return 'handled';
    };
    const { code, stdout } = await bench.crc(cwd, ['bootstrap']);
    expect(code === 0 ? '' : stdout).toBe('');
    expect(stale).toBeGreaterThan(20);
    const created = creations().map(keyOf);
    expect(created.length).toBe(new Set(created).size);
    expect(await bench.state()).toBe(expected);
  });

  it('waits for a role that Lambda cannot assume yet', async () => {
    let refused = 0;
    bench.proxy.intercept = async ({ name }, _, response) => {
      if (name !== 'lambda:POST functions' || refused === 2) return 'pass';
      refused += 1;
      const message = 'The role defined for the function cannot be assumed by Lambda.';
      response
        .writeHead(400, { 'x-amzn-errortype': 'InvalidParameterValueException' })
        .end(JSON.stringify({ Type: 'User', message }));
      return 'handled';
    };
    const { code, stdout } = await bench.crc(cwd, ['bootstrap']);
    expect(code === 0 ? '' : stdout).toBe('');
    expect(refused).toBe(2);
    expect(await bench.state()).toBe(expected);
  });
});

function replay({ status, headers, body }: WireAnswer, response: ServerResponse): void {
  const { 'transfer-encoding': _, 'content-length': __, ...rest } = headers;
  // HEAD responses have no body, but a content-length.
  response.writeHead(status, { ...rest, 'content-length': String(body.length) }).end(body);
}

function keyOf({ method, path, name, body }: WireCall): string {
  return `${method} ${path} ${name} ${body}`;
}

/** The resource of a call. After a write, reads of the same resource are stale. */
function subjectOf({ name, path, body }: WireCall): string {
  if (name.startsWith('s3:')) return 'bucket';
  if (name.startsWith('lambda:')) return /functions\/?([^/?]*)/.exec(path)?.[1] || 'IncrementVisits';
  if (/Provider/.test(name)) return 'provider';
  return (
    /RoleName=([^&]+)/.exec(body)?.[1] ??
    /"TableName":"([^"]+)"/.exec(body)?.[1] ??
    /:table\/([^"]+)"/.exec(body)?.[1] ??
    /(\/aws\/lambda\/[^":]+)/.exec(body)?.[1] ??
    name
  );
}

/** Whether a call creates a resource, so that repeating it would create another one. */
function isCreation({ name, method, path }: Pick<WireCall, 'name' | 'method' | 'path'>): boolean {
  if (name.startsWith('Create')) return true;
  if (name.startsWith('s3:')) return method === 'PUT' && !path.includes('?');
  return name.startsWith('lambda:POST');
}
