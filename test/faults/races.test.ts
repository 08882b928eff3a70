import type { ServerResponse } from 'node:http';
import {
  type FunctionConfiguration,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { project } from '../helpers/configs.ts';
import { describeWith } from '../helpers/require.ts';
import { type Bench, startBench } from './bench.ts';
import { FULL } from './cases.ts';
import { writeSection } from './report.ts';

// CRC_FAULTS=full: ten times each, and the table in docs/reliability.md.
const REPETITIONS = FULL ? 10 : 2;
const FunctionName = 'IncrementVisits';

describeWith('moto', 'two bootstraps at once', () => {
  const cwd = project();
  let bench: Bench;
  let expected: string;
  const rows: string[] = [];
  beforeAll(async () => {
    bench = await startBench();
    await bench.reset();
    expect((await bench.crc(cwd, ['bootstrap'])).code).toBe(0);
    expected = await bench.state();
  });
  afterAll(async () => {
    await bench.stop();
    if (FULL && rows.length === 2)
      writeSection(
        'races',
        `${['| account | races | both ended with 0 | same end state |', '| --- | ---: | ---: | ---: |', ...rows].join('\n')}\n`,
      );
  });

  /** Lambda returns the existing version if nothing has changed, while Moto creates a new one. */
  let publishing: Promise<unknown> = Promise.resolve();
  async function publishOnce(response: ServerResponse): Promise<void> {
    const { lambda } = bench.clients;
    const ownVersion = publishing.then(async () => {
      const { Versions = [] } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
      const [latest, ...published] = Versions;
      const existing = published.find(({ CodeSha256 }) => CodeSha256 === latest?.CodeSha256);
      return existing ?? (await lambda.send(new PublishVersionCommand({ FunctionName })));
    });
    publishing = ownVersion.catch(() => undefined);
    const { $metadata: _, ...version } = (await ownVersion) as FunctionConfiguration & { $metadata?: unknown };
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(version));
  }

  const publishing201 = async () => {
    bench.proxy.intercept = async ({ name }, _, response) => {
      if (name !== `lambda:POST functions/${FunctionName}/versions`) return 'pass';
      await publishOnce(response);
      return 'handled';
    };
  };

  /** Runs bootstrap and kills it at the k-th call. */
  async function killedAt(k: number): Promise<void> {
    let count = 0;
    const { code } = await bench.crc(cwd, ['bootstrap'], (child) => {
      bench.proxy.intercept = async () => {
        count += 1;
        if (count === k) child.kill('SIGKILL');
        return 'pass';
      };
    });
    expect(code).toBe(null);
  }

  it.each([
    ['empty', async () => undefined],
    // From almost no calls to almost all of them.
    ['half-finished', async (turn: number) => killedAt(32 + Math.floor((turn * 58) / REPETITIONS))],
  ] as const)('on an %s account: both end with 0, in one state', async (kind, prepare) => {
    let well = 0;
    let alike = 0;
    for (let turn = 0; turn < REPETITIONS; turn += 1) {
      await bench.reset();
      await prepare(turn);
      await publishing201();
      const runs = await Promise.all([1, 2].map(() => bench.crc(cwd, ['bootstrap'])));
      expect(runs.map(({ code, stdout }) => (code === 0 ? '' : stdout))).toEqual(['', '']);
      well += 1;
      expect(await bench.state()).toBe(expected);
      alike += 1;
    }
    rows.push(`| ${kind} | ${REPETITIONS} | ${well} | ${alike} |`);
  });
});
