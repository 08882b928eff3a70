import { deniedAction } from '../aws/access-causes.ts';
import type { FunctionConfig } from '../config/schema.ts';
import type { Plan } from '../engine/plan.ts';
import { isIncomplete, type Result } from '../engine/types.ts';
import { CrcError } from '../errors.ts';
import type { SmokeTest } from '../lambda/smoke-test.ts';
import type { Io } from '../ui/io.ts';
import { planDocument } from '../ui/json.ts';
import { smokeText } from '../ui/smoke.ts';
import { outcomeText } from '../ui/text.ts';
import type { OutcomeView } from '../ui/view.ts';
import { carryOut, dryRun, resultText, selected, showPlan } from './converge.ts';
import type { DeployFunctionOptions } from './definitions/deploy-function.ts';
import { type Ending, withSession } from './frame.ts';
import { functionsNamed, localInvocation, timeoutOf } from './functions.ts';
import type { Session } from './session.ts';
import { resultStatus } from './status.ts';
import { asCrcError, outcomeViews, resourceViews } from './views.ts';

/** Converges functions and what they need, and proves that they answer. 0 done and proved, 1 anything failed. */
export async function deployFunction(options: DeployFunctionOptions, io: Io): Promise<number> {
  return await withSession(
    {
      command: 'deploy-function',
      options,
      io,
      toWrite: true,
      functions: ({ functions }) => functionsNamed(functions, options.names),
    },
    async (session) => {
      const plan = await session.plan(CONSENT);
      return options.dryRun ? dryRun(session, plan, options, io) : await deploy(session, plan, options, io);
    },
  );
}

const CONSENT = { adopt: false, prune: false };

async function deploy(session: Session, plan: Plan, options: DeployFunctionOptions, io: Io): Promise<Ending> {
  if (!options.json) await showPlan(session, selected(session, plan), options, io);
  const results = await carryOut(session, plan, CONSENT);
  const smoke = await smokeTest(session, functionsNamed(session.config.functions, options.names), results, options);
  const status = smoke.ok ? resultStatus(results) : 'failed';
  const outcomes = outcomeViews(results, plan).map((view, index) => beyondDeploying(view, results[index], plan));
  // Where only the test failed, everything was converged, and then put back: neither closing line would be true.
  const onlyTestFailed = !smoke.ok && resultStatus(results) !== 'failed';
  const closing = onlyTestFailed ? `\n${outcomeText(outcomes, io.color)}` : resultText(status, outcomes, io);
  return {
    exitCode: status === 'failed' ? 1 : 0,
    document: (run) =>
      planDocument(run, status, resourceViews(selected(session, plan)), outcomes, { mode: smoke.mode, ok: smoke.ok }),
    text: () => [closing, ...smoke.tests.map((test) => `\n${smokeText(test, io.color)}`)].join('\n').concat('\n'),
    cost: true,
  };
}

/** CI may ship code and settings, and nothing else: what it was refused beyond that is for a person with more rights. */
function beyondDeploying(view: OutcomeView, result: Result | undefined, plan: Plan): OutcomeView {
  const action = deniedAction(result?.error);
  const actions = plan.find(({ resource }) => resource.id === view.id)?.resource.actions;
  if (view.error === undefined || action === undefined || actions === undefined) return view;
  const granted = [...actions.read, ...(actions.deploy ?? [])].flatMap((one) => one.actions);
  if (granted.includes(action)) return view;
  const hint = `Run crc bootstrap with credentials that may change ${view.id}: a role with "crc": ["deploy-function"] ships the code and settings of functions, and may change nothing else.`;
  return { ...view, error: new CrcError(view.error.message, { hint, cause: view.error }) };
}

interface SmokeTests extends Pick<SmokeTest, 'mode' | 'ok'> {
  readonly tests: readonly NamedSmokeTest[];
}

interface NamedSmokeTest extends SmokeTest {
  readonly functionName: string;
}

/** Tests what was changed. An alias whose test fails goes back to the version before. */
async function smokeTest(
  session: Session,
  functions: readonly FunctionConfig[],
  results: readonly Result[],
  { smokeTest: wanted = true }: DeployFunctionOptions,
): Promise<SmokeTests> {
  const failed = results.some(({ outcome }) => isIncomplete(outcome));
  const changed = results.some(({ outcome }) => outcome === 'created' || outcome === 'updated');
  const why = !wanted
    ? 'not wanted (--no-smoke-test)'
    : session.signal.aborted
      ? 'stopped before it'
      : failed
        ? 'not everything is in place'
        : !changed
          ? 'nothing has changed; `crc invoke` calls it'
          : undefined;
  const tests = await Promise.all(
    functions.map(async (one): Promise<NamedSmokeTest> => {
      const { name: functionName } = one;
      if (why !== undefined) return { functionName, mode: 'skipped', ok: !failed, lines: [why], log: '' };
      const test = await testOne(session, one, givesRights(results, functionName));
      return {
        functionName,
        ...test,
        lines: [...test.lines, ...(test.ok ? [] : await putBack(session, functionName))],
      };
    }),
  );
  const ran = tests.find(({ mode }) => mode !== 'skipped');
  return { mode: ran?.mode ?? 'skipped', ok: tests.every(({ ok }) => ok), tests };
}

/** Whether this run changed what the function may do: its role, or the function's link to it. */
function givesRights(results: readonly Result[], functionName: string): boolean {
  const outcomeOf = (id: string) => results.find((result) => result.id === id)?.outcome;
  const role = outcomeOf(`execution-role/${functionName}`);
  return role === 'created' || role === 'updated' || outcomeOf(`function/${functionName}`) === 'created';
}

async function testOne(session: Session, one: FunctionConfig, newRights: boolean): Promise<SmokeTest> {
  session.progress.line(`function/${one.name}: smoke test`);
  // Most deployments change nothing, and then nothing is called.
  const { testLocally, testOnAws } = await import('../lambda/smoke-test.ts');
  if (session.customEndpoint) {
    try {
      return await testLocally(await localInvocation(one, session), one.url?.cors);
    } catch (error) {
      // The alias has moved: what was deployed must still be reported, whatever this machine lacks for the test.
      const { message, hint } = asCrcError(error, undefined);
      return { mode: 'local', ok: false, lines: [message, hint], log: '' };
    }
  }
  return await testOnAws(session.clients, {
    functionName: one.name,
    timeoutSeconds: timeoutOf(one),
    url: one.url,
    newRights,
    tell: session.progress.line,
    signal: session.signal,
  });
}

/** What was served before is served again; the next run shows the difference, and deploys it anew. */
async function putBack({ aliasMoves, clients, signal }: Session, functionName: string): Promise<readonly string[]> {
  const move = aliasMoves.findLast((one) => one.functionName === functionName);
  if (move === undefined) return ['the alias was not moved by this run, and stays where it is'];
  if (move.from === undefined) return [`there is no version before ${move.to} to go back to: it stays as it is`];
  const { restoreAlias } = await import('../lambda/rollback.ts');
  try {
    const restored = await restoreAlias(clients.lambda, signal, move);
    return restored
      ? [`the alias is back at version ${move.from.version}`]
      : [`another user or process has moved the alias since, so it stays where it is`];
  } catch (error) {
    return [
      `the alias could not be moved back from version ${move.to} to ${move.from.version}: ${asCrcError(error, undefined).message}`,
      `move it yourself: crc deploy-function ${functionName} --rollback ${move.from.version}`,
    ];
  }
}
