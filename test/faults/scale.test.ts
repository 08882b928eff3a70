import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ProcessResult } from '../helpers/cli.ts';
import { manyRoles, writeConfig } from '../helpers/configs.ts';
import { planDocumentSchema } from '../helpers/documents.ts';
import { describeWith } from '../helpers/require.ts';
import { type Bench, startBench } from './bench.ts';
import { FULL } from './cases.ts';

// CRC_FAULTS=full: the thousand roles of a platform team, at the rate that IAM reportedly allows.
const ROLES = FULL ? 1_000 : 120;
/** For a run that is killed halfway. Progress is shown from a hundred resources on. */
const KILLED_ROLES = FULL ? ROLES : 60;
/** Calls per second above which IAM throttles. */
const RATE = FULL ? 100 : 90;

describeWith('moto', `${ROLES} roles on an account that throttles`, () => {
  let bench: Bench;
  let cwd: string;
  let throttled = 0;
  let open = 0;
  let mostOpen = 0;
  beforeAll(async () => {
    bench = await startBench();
  });
  beforeEach(async () => {
    await bench.reset();
    cwd = writeConfig(manyRoles(ROLES));
    throttle();
  });
  afterAll(() => bench.stop());

  /**
   * A token bucket like that of AWS, with a burst of two seconds. Once per test some tokens are taken away, as if used
   * by other clients of the account, so that even a slow machine is throttled.
   */
  function throttle(): void {
    let calls = 0;
    let tokens = RATE * 2;
    let last = Date.now();
    throttled = 0;
    mostOpen = 0;
    open = 0;
    bench.proxy.intercept = async ({ name }, _, response) => {
      if (!/Role|Provider|Policies/.test(name)) return 'pass';
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      response.once('close', () => {
        open -= 1;
      });
      const now = Date.now();
      tokens = Math.min(RATE * 2, tokens + ((now - last) / 1_000) * RATE);
      last = now;
      calls += 1;
      if (tokens >= 1 && (calls < 100 || calls > 112)) {
        tokens -= 1;
        return 'pass';
      }
      throttled += 1;
      response
        .writeHead(400, { 'content-type': 'text/xml' })
        .end(
          '<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>',
        );
      return 'handled';
    };
  }

  it(
    'bootstrap finishes, reports its progress, and a second run has no changes',
    async () => {
      const first = await bench.crc(cwd, ['bootstrap']);
      expect(failuresOf(first)).toEqual([]);
      expect(throttled).toBeGreaterThan(10);
      // The deadline of a queued request is already running.
      expect(mostOpen).toBeLessThanOrEqual(50);
      expect(first.stderr).toContain(`read 100 of ${ROLES + 3} resources`);
      expect(first.stderr).toContain('done with 100 resources');
      const second = await bench.crc(cwd, ['bootstrap']);
      const document = planDocumentSchema.parse(JSON.parse(second.stdout));
      expect([second.code, document.status, document.apiCalls.write]).toEqual([0, 'in-sync', 0]);
      const verified = await bench.crc(cwd, ['verify']);
      expect(verified.code).toBe(0);
      expect(Object.keys(planDocumentSchema.parse(JSON.parse(verified.stdout)).findings)).toHaveLength(ROLES + 3);
    },
    FULL ? 3_600_000 : 300_000,
  );

  it(
    'a run that was killed halfway is continued, and creates nothing twice',
    async () => {
      writeFileSync(join(cwd, 'crc.config.json'), JSON.stringify(manyRoles(KILLED_ROLES)));
      const creations = new Map<string, number>();
      bench.proxy.answered = ({ name, body }, { status }) => {
        const role = name === 'CreateRole' && status === 200 ? /RoleName=([^&]+)/.exec(body)?.[1] : undefined;
        if (role !== undefined) creations.set(role, (creations.get(role) ?? 0) + 1);
      };
      const killed = await bench.crc(cwd, ['bootstrap'], (child) => {
        const timer = setInterval(() => {
          if (creations.size < KILLED_ROLES / 2) return;
          clearInterval(timer);
          child.kill('SIGKILL');
        }, 20);
        child.once('close', () => clearInterval(timer));
      });
      expect([killed.code, killed.signal]).toEqual([null, 'SIGKILL']);
      expect(creations.size).toBeLessThan(KILLED_ROLES);
      const secondRun = await bench.crc(cwd, ['bootstrap']);
      expect(failuresOf(secondRun)).toEqual([]);
      expect([creations.size, Math.max(...creations.values())]).toEqual([KILLED_ROLES, 1]);
    },
    FULL ? 3_600_000 : 300_000,
  );

  it('--only reads only the selected resources and their dependencies, however large the config', async () => {
    writeFileSync(join(cwd, 'crc.config.json'), JSON.stringify(manyRoles(ROLES)));
    const { stdout } = await bench.crc(cwd, ['verify', '--only', 'role/Team7Terraform']);
    const { findings, apiCalls } = planDocumentSchema.parse(JSON.parse(stdout));
    expect([findings.map(({ id }) => id), apiCalls]).toEqual([['role/Team7Terraform'], { read: 5, write: 0 }]);
  });
});

/** The resources that could not be bootstrapped and the reasons. Empty if the exit code is 0. */
function failuresOf({ code, stdout }: ProcessResult): readonly string[] {
  if (code === 0) return [];
  const { findings } = planDocumentSchema.parse(JSON.parse(stdout));
  return findings.flatMap(({ id, error }) => (error === undefined ? [] : [`${id}: ${error.message}`]));
}
