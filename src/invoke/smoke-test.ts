import { GetFunctionUrlConfigCommand } from '@aws-sdk/client-lambda';
import { ALIAS } from '../aws/arns.ts';
import type { Clients } from '../aws/clients.ts';
import { explain } from '../aws/explain.ts';
import { BackOff } from '../engine/back-off.ts';
import { isInProgress } from '../resources/function/errors.ts';
import { type Answer, asHttp, SMOKE_TEST_HEADERS, urlEvent, visitTotal } from './answer.ts';
import { type CannotRun, invokeLocally, type LocalInvocation } from './local.ts';
import { invokeAlias } from './remote.ts';
import { callUrl, type UrlCall } from './url.ts';

/** What a smoke test found. */
export interface SmokeTest {
  /** `remote`: the alias and the URL on AWS. `local`: the same package on this machine. `skipped`: neither was possible. */
  readonly mode: 'remote' | 'local' | 'skipped';
  readonly ok: boolean;
  /** What was seen, a line each. */
  readonly lines: readonly string[];
  /** The end of the function's log when it failed. */
  readonly log: string;
  /** It was wanted, and this machine could not run it: what is served is untested. */
  readonly couldNotRun?: boolean;
}

export interface CorsOrigins {
  readonly allowOrigins?: readonly string[];
  readonly allowMethods?: readonly string[];
}

export interface RemoteSmokeTest {
  readonly functionName: string;
  readonly timeoutSeconds: number;
  /** Undefined: the function has no URL. */
  readonly url: { readonly authType: 'NONE' | 'AWS_IAM'; readonly cors?: CorsOrigins | undefined } | undefined;
  /** This run changed what the function's role may do, which AWS applies everywhere only after some seconds. */
  readonly newRights: boolean;
  /** Hears what takes time. */
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
  /** Milliseconds for a new URL, and for new rights of the role, to be known everywhere. */
  readonly deadline?: number;
  /** Milliseconds before the second call; each further pause is twice as long. */
  readonly firstPause?: number;
}

const PROPAGATION_DEADLINE = 60_000;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 8_000;

/**
 * Calls the alias, then the public URL as the site would. Never throws for what AWS or the function answers, nor when the run
 * to stop.
 */
export async function testOnAws({ lambda }: Pick<Clients, 'lambda'>, test: RemoteSmokeTest): Promise<SmokeTest> {
  const { functionName, timeoutSeconds, url, signal, deadline = PROPAGATION_DEADLINE } = test;
  const origin = siteOrigin(url?.cors);
  try {
    const { answer: first, waited } = await invokeWithRights(
      lambda,
      JSON.stringify(urlEvent(origin, SMOKE_TEST_HEADERS)),
      test,
    );
    const seen = described(`alias ${ALIAS}`, first);
    const lines = [...waited, ...seen.lines];
    if (!seen.ok || url === undefined) return remote(seen.ok, lines, first.log);
    // Whom AWS_IAM lets in is for the user to say, and crc is rarely among them.
    if (url.authType === 'AWS_IAM')
      return remote(true, [...lines, 'the URL was not called: it takes signed requests only (AWS_IAM)'], first.log);

    const { FunctionUrl = '' } = await lambda.send(
      new GetFunctionUrlConfigCommand({ FunctionName: functionName, Qualifier: ALIAS }),
    );
    const call: UrlCall = {
      url: FunctionUrl,
      method: siteMethod(url.cors),
      origin,
      cors: url.cors?.allowOrigins !== undefined,
      timeoutSeconds,
      signal,
      deadline,
    };
    const second = await callUrl(call);
    const line = `${FunctionUrl} (Origin ${origin}): ${second.status ?? 'no response'} ${second.body}`;
    const problems = second.problem === undefined ? [] : [second.problem];
    return remote(second.ok, [...lines, line, ...problems, ...counted(seen.body, second.body)], first.log);
  } catch (error) {
    if (signal.aborted) return { mode: 'skipped', ok: true, lines: [stopped(functionName)], log: '' };
    const { message, hint } = explain(error, functionName);
    return remote(false, [message, hint], '');
  }
}

/**
 * Calls the alias, again while the function lacks rights that this run gave to its role, and while AWS still prepares it. Any other
 * failure is an answer.
 */
async function invokeWithRights(
  lambda: Clients['lambda'],
  payload: string,
  test: RemoteSmokeTest,
): Promise<{ readonly answer: Answer; readonly waited: readonly string[] }> {
  const { functionName, timeoutSeconds, newRights, tell, signal, deadline = PROPAGATION_DEADLINE } = test;
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
      if (!isInProgress(error) || last) throw error;
      reason = 'the function to be ready';
    }
    tell(`function/${functionName}: waiting for ${reason}`);
    await backOff.pause();
  }
}

/** The function says so in its answer, or in its log, where its answer keeps the cause to itself. */
function lacksRights(answer: Answer): boolean {
  return !asHttp(answer).ok && /is not authorized to perform/.test(`${answer.payload}\n${answer.log}`);
}

/** Runs the same package on this machine, against the table of the endpoint in use. */
export async function testLocally(
  invocation: Omit<LocalInvocation, 'payload'>,
  cors?: CorsOrigins,
): Promise<SmokeTest> {
  const payload = JSON.stringify(urlEvent(siteOrigin(cors), SMOKE_TEST_HEADERS));
  const answer: Answer | CannotRun = await invokeLocally({ ...invocation, payload });
  if ('cannotRun' in answer) {
    return { mode: 'skipped', ok: true, couldNotRun: true, lines: [answer.cannotRun], log: '' };
  }
  const { ok, lines } = described('the package on this machine', answer);
  return { mode: 'local', ok, lines, log: ok ? '' : answer.log };
}

/** What was deployed stays deployed, and the next run has nothing to change and so nothing to test. */
function stopped(functionName: string): string {
  return `stopped before its end, so what is live now is untested; \`crc invoke ${functionName}\` calls it`;
}

function remote(ok: boolean, lines: readonly string[], log: string): SmokeTest {
  return { mode: 'remote', ok, lines, log: ok ? '' : log };
}

function described(what: string, answer: Answer): { ok: boolean; lines: readonly string[]; body: string } {
  const { ok, statusCode, body } = asHttp(answer);
  return { ok, body, lines: [`${what}: ${statusCode ?? answer.functionError} ${body}`] };
}

/** Whether a counter counted the test, by what the first and the second call answered. */
function counted(first: string, second: string): readonly string[] {
  const [before, after] = [visitTotal(first), visitTotal(second)];
  if (before === undefined || after === undefined) return [];
  if (before === after) return [`the count is still ${after}: the test did not raise it`];
  const header = Object.keys(SMOKE_TEST_HEADERS).join();
  return [`the count went from ${before} to ${after} during the test, whose requests have the header ${header}`];
}

/** The site's own origin; any, when all are allowed. */
function siteOrigin(cors: CorsOrigins | undefined): string {
  const named = cors?.allowOrigins?.find((one) => one !== '*');
  return named?.replace('*', 'www') ?? 'https://example.com';
}

function siteMethod(cors: CorsOrigins | undefined): string {
  const [first = 'GET'] = cors?.allowMethods ?? [];
  return cors?.allowMethods?.includes('GET') || first === '*' ? 'GET' : first;
}
