import type { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliResult, runCli } from '../helpers/cli.ts';
import { project } from '../helpers/configs.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { startProxy, type WireProxy } from '../helpers/proxy.ts';
import { readOut } from '../helpers/read-out.ts';
import { describeWith } from '../helpers/require.ts';

/**
 * One fault at one call of one run, then a run without: the account must end as an undisturbed run leaves it. CRC_FAULTS=full
 * takes all calls and all faults; otherwise it is a sample, every eighth call with the faults in turn, whose start
 * CRC_FAULTS_OFFSET moves.
 */
const FULL = process.env.CRC_FAULTS === 'full';
const OFFSET = Number(process.env.CRC_FAULTS_OFFSET ?? 0);

interface Fault {
  readonly name: string;
  /** It passes by itself, so the very run that meets it must succeed. */
  readonly transient: boolean;
  /** Answers, or breaks, the request; `forward` lets it be handled first. */
  readonly strike?: (response: ServerResponse, name: string) => void;
  readonly after?: boolean;
  readonly kill?: boolean;
}

function errorBody(name: string, code: string): string {
  return name.startsWith('s3:')
    ? `<?xml version="1.0"?><Error><Code>${code}</Code><Message>a fault</Message></Error>`
    : /^[A-Z]/.test(name) && !/Table|OfResource|LogGroup|Retention|ForResource|TagResource|ContinuousBackups/.test(name)
      ? `<ErrorResponse><Error><Type>Receiver</Type><Code>${code}</Code><Message>a fault</Message></Error></ErrorResponse>`
      : JSON.stringify({ __type: code, message: 'a fault' });
}

const answering = (status: number, code: (name: string) => string) => (response: ServerResponse, name: string) => {
  response.writeHead(status, { 'x-amzn-errortype': code(name) }).end(errorBody(name, code(name)));
};

const FAULTS: readonly Fault[] = [
  { name: '500', transient: true, strike: answering(500, () => 'InternalError') },
  {
    name: 'throttling',
    transient: true,
    strike: (response, name) =>
      answering(name.startsWith('s3:') ? 503 : 400, () =>
        name.startsWith('s3:') ? 'SlowDown' : 'ThrottlingException',
      )(response, name),
  },
  {
    name: '503',
    transient: true,
    strike: answering(503, (name) => (name.startsWith('s3:') ? 'SlowDown' : 'ServiceUnavailable')),
  },
  { name: 'reset before it is handled', transient: true, strike: (response) => response.destroy() },
  { name: 'reset after it was handled', transient: true, after: true },
  {
    name: '403',
    transient: false,
    strike: answering(403, (name) => (name.startsWith('s3:') ? 'AccessDenied' : 'AccessDeniedException')),
  },
  { name: 'SIGKILL', transient: false, kill: true },
];

describeWith('moto', 'one fault at one call', () => {
  const moto = useMotoForAll();
  const cwd = project();
  const entry = join(cwd, 'functions/increment-visits/index.ts');
  const source = readFileSync(entry, 'utf8');
  let proxy: WireProxy;
  beforeAll(async () => {
    proxy = await startProxy(moto().endpoint);
  });
  afterAll(async () => {
    await proxy.stop();
  });

  const reset = () => fetch(`${moto().endpoint}/moto-api/reset`, { method: 'POST' });
  const crc = (args: readonly string[], started?: (child: ChildProcess) => void): Promise<CliResult> =>
    runCli([...args, '--json'], {
      cwd,
      env: { ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint },
      ...(started === undefined ? {} : { started }),
    });

  /** Runs with a fault at the k-th call. */
  async function withFault(args: readonly string[], k: number, fault: Fault) {
    let child: ChildProcess | undefined;
    let count = 0;
    proxy.intercept = async ({ name }, _, response) => {
      count += 1;
      if (count !== k) return 'pass';
      if (fault.after) return 'drop answer';
      if (fault.kill) {
        child?.kill('SIGKILL');
        return 'pass';
      }
      fault.strike?.(response, name);
      return 'handled';
    };
    const result = await crc(args, (started) => {
      child = started;
    });
    proxy.intercept = async () => 'pass';
    return { ...result, struck: count >= k };
  }

  describe.each([
    ['a fresh bootstrap', ['bootstrap'], async (): Promise<void> => undefined],
    [
      'a deployment of new code',
      ['deploy-function', '--no-smoke-test'],
      async () => {
        writeFileSync(entry, source);
        expect((await crc(['bootstrap'])).code).toBe(0);
        writeFileSync(entry, `${source}\n// changed\n`);
      },
    ],
  ] as const)('of %s', (_, args, prepare) => {
    it(
      'ends as if there had been none',
      async () => {
        await reset();
        writeFileSync(entry, source);
        await prepare();
        proxy.calls.length = 0;
        proxy.intercept = async () => 'pass';
        expect((await crc(args)).code).toBe(0);
        const calls = proxy.calls.length;
        const undisturbed = await readOut(moto().clients);

        const wrong: string[] = [];
        let cases = 0;
        for (let k = 1; k <= calls; k += 1) {
          for (const fault of faultsAt(k)) {
            await reset();
            await prepare();
            proxy.calls.length = 0;
            const first = await withFault(args, k, fault);
            const where = `call ${k} (${proxy.calls[k - 1]?.name}), ${fault.name}`;
            if (first.struck && fault.transient && first.code !== 0)
              wrong.push(`${where}: exit ${first.code}: ${first.stdout.match(/"message": "(.*)"/)?.[1]}`);
            if (!fault.kill && /\n {4}at /.test(first.stdout + first.stderr)) wrong.push(`${where}: a stack trace`);
            if (!fault.kill && !isJson(first.stdout)) wrong.push(`${where}: no document`);
            const second = await crc(args);
            if (second.code !== 0)
              wrong.push(
                `${where}: the next run exits ${second.code}: ${second.stdout.match(/"message": "(.*)"/)?.[1]}`,
              );
            const end = await readOut(moto().clients);
            if (JSON.stringify(end) !== JSON.stringify(undisturbed)) wrong.push(`${where}: another end state`);
            cases += 1;
          }
        }
        process.stderr.write(`${args[0]}: ${calls} calls, ${cases} cases, ${wrong.length} wrong\n`);
        expect(wrong).toEqual([]);
      },
      FULL ? 4 * 3_600_000 : 900_000,
    );
  });
});

function faultsAt(k: number): readonly Fault[] {
  if (FULL) return FAULTS;
  const turn = FAULTS[Math.floor((k + OFFSET) / 8) % FAULTS.length];
  return (k + OFFSET) % 8 === 0 && turn !== undefined ? [turn] : [];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
