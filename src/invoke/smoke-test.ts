import { GetFunctionUrlConfigCommand } from '@aws-sdk/client-lambda';
import { ALIAS } from '../aws/arns.ts';
import type { Clients } from '../aws/clients.ts';
import { isNamed, NO_KEY_ACCESS } from '../aws/error-names.ts';
import { explain } from '../aws/explain.ts';
import type { FunctionConfig } from '../config/schema.ts';
import { BackOff } from '../engine/back-off.ts';
import type { CorsSettings } from '../resources/function/cors.ts';
import { isInProgress } from '../resources/function/errors.ts';
import { adviceOn, lackedRights } from './advice.ts';
import { type Answer, asHttp, type HttpAnswer, SMOKE_TEST_HEADERS, visitTotal } from './answer.ts';
import { originProblem, preflightByConfig, preflightOf, preflightProblem, withUrlCors } from './browser.ts';
import { isDisabled } from './disabled.ts';
import { urlEvent } from './event.ts';
import { standInText } from './interpreters.ts';
import { invokeLocally, type LocalInvocation } from './local.ts';
import { invokeAlias } from './remote.ts';
import { type PageRequest, pathOf, requestOf } from './request.ts';
import { callPreflight, callUrl, type UrlCall } from './url.ts';

/** The result of a smoke test. */
export interface SmokeTest {
  /** `remote`: called on AWS. `local`: ran the same package on this machine. `skipped`: neither was possible. */
  readonly mode: 'remote' | 'local' | 'skipped';
  readonly ok: boolean;
  /** The observations, one per line. */
  readonly lines: readonly string[];
  /** The end of the function's log if it failed. */
  readonly log: string;
  /** The test was requested, but this machine could not run it, so the deployed version is untested. */
  readonly couldNotRun?: boolean;
}

export interface RemoteSmokeTest {
  readonly functionName: string;
  readonly timeoutSeconds: number;
  readonly region: string;
  /** Undefined if the function has no URL. */
  readonly url: FunctionConfig['url'];
  /** The request from the config; undefined for a plain one. */
  readonly test: FunctionConfig['test'];
  /** Where the function's permissions come from, for advice on missing ones. */
  readonly role?: FunctionConfig['role'];
  readonly table?: FunctionConfig['table'];
  readonly reservedConcurrency: FunctionConfig['reservedConcurrency'];
  /** Whether this run changed the permissions of the function's role, which AWS takes seconds to apply everywhere. */
  readonly newRights: boolean;
  /** Called before steps that take time. */
  readonly show: (line: string) => void;
  readonly signal: AbortSignal;
  /** In milliseconds, for a new URL and new permissions to take effect everywhere. */
  readonly deadline?: number;
  /** In milliseconds, before the second call; each further pause is twice as long. */
  readonly firstPause?: number;
}

const PROPAGATION_DEADLINE = 60_000;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 8_000;

/**
 * Calls the alias, then the public URL as the site would. Never throws for a response from AWS or the function, nor
 * when the run is to stop.
 */
export async function testOnAws({ lambda }: Pick<Clients, 'lambda'>, test: RemoteSmokeTest): Promise<SmokeTest> {
  const { functionName, region, url, signal } = test;
  if (isDisabled(test)) {
    return { mode: 'skipped', ok: true, lines: ['"reservedConcurrency": 0 disables the function'], log: '' };
  }
  const request = requestOf(test.test, url?.cors);
  try {
    const event = JSON.stringify(urlEvent(request, region, SMOKE_TEST_HEADERS));
    const { answer: first, waited } = await invokeWithRights(lambda, event, test);
    const http = asHttp(first, { byUrl: url !== undefined });
    const lacked = lackedRights(test, first);
    const seen = [...described(`alias ${ALIAS}${requestText(request)}`, first, http), ...lacked];
    if (!http.ok) {
      const advice = lacked.length > 0 ? [] : adviceOn(test, request, first, http);
      return remote(false, [...waited, ...seen, ...advice], first.log);
    }
    if (url === undefined) return remote(true, [...waited, ...seen], first.log);
    // With AWS_IAM, the user decides who has access, and crc rarely has.
    if (url.authType === 'AWS_IAM') {
      const not = 'the URL was not called: it takes signed requests only (AWS_IAM)';
      return remote(true, [...waited, ...seen, not], first.log);
    }
    const second = await testUrl(lambda, test, request);
    const counts = second.body === undefined ? [] : countLines(http.body, second.body);
    return remote(second.ok, [...waited, ...seen, ...second.lines, ...counts], first.log);
  } catch (error) {
    if (signal.aborted) return stopped(functionName);
    const { message, hint } = explain(error, functionName);
    return remote(false, [message, hint], '');
  }
}

interface UrlTest {
  readonly ok: boolean;
  readonly lines: readonly string[];
  /** Undefined if a browser would not have sent the request. */
  readonly body?: string;
}

/** What a page of the site receives from the public URL. */
async function testUrl(
  lambda: Clients['lambda'],
  { functionName, timeoutSeconds, url, signal, deadline = PROPAGATION_DEADLINE }: RemoteSmokeTest,
  request: PageRequest,
): Promise<UrlTest> {
  const { FunctionUrl = '' } = await lambda.send(
    new GetFunctionUrlConfigCommand({ FunctionName: functionName, Qualifier: ALIAS }),
  );
  // Joined as texts: a path with two slashes in front would be another host.
  const address = `${new URL(FunctionUrl).origin}${pathOf(request)}`;
  const cors = url?.cors?.allowOrigins !== undefined;
  const call: UrlCall = { url: address, request, cors, timeoutSeconds, signal, deadline };
  const preflight = await callPreflight(call);
  const preflightLines =
    preflight === undefined ? [] : [`preflight (OPTIONS ${address}): ${preflight.status ?? 'no response'}`];
  if (preflight?.problem !== undefined) return { ok: false, lines: [...preflightLines, preflight.problem] };
  const { ok, status, body, problem } = await callUrl(call);
  const method = request.method === 'GET' ? '' : `${request.method} `;
  const line = `${method}${address} (Origin ${request.origin}): ${status ?? 'no response'} ${body}`;
  return { ok, lines: [...preflightLines, line, ...(problem === undefined ? [] : [problem])], body };
}

/**
 * Calls the alias. Retries while the function lacks permissions that this run gave its role, and while AWS is still
 * preparing it. Any other failure is a result.
 */
async function invokeWithRights(
  lambda: Clients['lambda'],
  payload: string,
  test: RemoteSmokeTest,
): Promise<{ readonly answer: Answer; readonly waited: readonly string[] }> {
  const { functionName, timeoutSeconds, newRights, show, signal, deadline = PROPAGATION_DEADLINE } = test;
  const backOff = new BackOff({ first: test.firstPause ?? FIRST_PAUSE, longest: LONGEST_PAUSE, signal });
  let reason = '';
  for (;;) {
    const last = backOff.waited + backOff.next > deadline;
    try {
      const answer = await invokeAlias(lambda, { functionName, payload, timeoutSeconds });
      if (!newRights || !lacksRights(answer) || last) {
        const seconds = Math.ceil(backOff.waited / 1_000);
        return { answer, waited: seconds === 0 ? [] : [`waited ${seconds} s for ${reason}`] };
      }
      reason = "the new permissions of the function's role";
    } catch (error) {
      // The key's grant to a new role takes effect as late as its permissions.
      const passes = isInProgress(error) || (newRights && isNamed(error, [NO_KEY_ACCESS]));
      if (!passes || last) throw error;
      reason = 'the function to be ready';
    }
    show(`function/${functionName}: waiting for ${reason}`);
    await backOff.pause();
  }
}

/**
 * Whether the function reports missing permissions, in its response or, if the response hides the cause, in its log.
 */
function lacksRights(answer: Answer): boolean {
  return (
    !asHttp(answer, { byUrl: false }).ok && /is not authorized to perform/.test(`${answer.payload}\n${answer.log}`)
  );
}

/**
 * Runs the same package locally, against the table at the endpoint in use, and checks its response as a browser would.
 * Never throws when the run is to stop.
 */
export async function testLocally(
  invocation: Omit<LocalInvocation, 'payload'>,
  config: Pick<FunctionConfig, 'url' | 'test'>,
): Promise<SmokeTest> {
  try {
    return await testPackage(invocation, config);
  } catch (error) {
    if (invocation.signal?.aborted) return stopped(invocation.functionName);
    throw error;
  }
}

async function testPackage(
  invocation: Omit<LocalInvocation, 'payload'>,
  { url, test }: Pick<FunctionConfig, 'url' | 'test'>,
): Promise<SmokeTest> {
  const request = requestOf(test, url?.cors);
  const payload = JSON.stringify(urlEvent(request, invocation.region, SMOKE_TEST_HEADERS));
  const answer = await invokeLocally({ ...invocation, payload });
  if ('cannotRun' in answer) {
    return { mode: 'skipped', ok: true, couldNotRun: true, lines: [answer.cannotRun], log: '' };
  }
  const http = asHttp(answer, { byUrl: url !== undefined });
  const problem = http.ok ? corsProblem(url?.cors, request, http) : undefined;
  const ok = http.ok && problem === undefined;
  const lines = [
    ...described(`the package on this machine${requestText(request)}`, answer, http),
    ...(problem === undefined ? [] : [problem]),
    ...(http.ok ? [] : adviceOn({ test }, request, answer, http)),
    ...(answer.standsIn === undefined ? [] : [standInText(answer.standsIn)]),
  ];
  return { mode: 'local', ok, lines, log: ok ? '' : answer.log };
}

/** What a browser would object to if a URL with these CORS settings sent this response. */
function corsProblem(cors: CorsSettings | undefined, request: PageRequest, answer: HttpAnswer): string | undefined {
  if (cors?.allowOrigins === undefined) return undefined;
  const { origin } = request;
  const preflight = preflightOf(request);
  const refused =
    preflight === undefined ? undefined : preflightProblem(preflight, preflightByConfig(cors, origin), origin);
  return refused ?? originProblem(withUrlCors(answer.headers, cors, origin), origin);
}

/** The deployment is kept, and the next run has nothing to change, so nothing to test. */
function stopped(functionName: string): SmokeTest {
  const line = `stopped before its end, so what is live now is untested; \`crc invoke ${functionName}\` calls it`;
  return { mode: 'skipped', ok: true, lines: [line], log: '' };
}

function remote(ok: boolean, lines: readonly string[], log: string): SmokeTest {
  return { mode: 'remote', ok, lines, log: ok ? '' : log };
}

function described(what: string, { functionError }: Answer, { statusCode, body, refused }: HttpAnswer) {
  return [`${what}: ${statusCode ?? functionError} ${body}`, ...(refused === undefined ? [] : [refused])];
}

/** ` (POST /visits)`, if it is not the default request. */
function requestText(request: PageRequest): string {
  const path = pathOf(request);
  return request.method === 'GET' && path === '/' ? '' : ` (${request.method} ${path})`;
}

/** How the two calls changed the count of a counter, as a line; none for a function that does not count. */
function countLines(first: string, second: string): readonly string[] {
  const [before, after] = [visitTotal(first), visitTotal(second)];
  if (before === undefined || after === undefined) return [];
  if (before === after) return [`the count is still ${after}: the test did not raise it`];
  const header = Object.keys(SMOKE_TEST_HEADERS).join();
  return [`the count went from ${before} to ${after} during the test, whose requests have the header ${header}`];
}
