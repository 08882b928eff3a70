import { deniedAction } from '../aws/access-causes.ts';
import { ALIAS } from '../aws/arns.ts';
import type { Config, FunctionConfig } from '../config/schema.ts';
import { isIncomplete, type Result } from '../engine/outcome.ts';
import type { Plan } from '../engine/plan.ts';
import { CrcError } from '../errors.ts';
import { disabledFunctions } from '../invoke/disabled.ts';
import type { SmokeTest } from '../invoke/smoke-test.ts';
import type { Io } from '../ui/io.ts';
import { planDocument } from '../ui/json.ts';
import { deploymentText, type SmokeView } from '../ui/smoke.ts';
import type { OutcomeView } from '../ui/view.ts';
import { carryOut, dryRun, isRefused, refusedText, resultOptions, selected, showPlan } from './converge.ts';
import type { DeployFunctionOptions } from './definitions/deploy-function.ts';
import { type Ending, withSession } from './frame.ts';
import { builtPackages, functionsNamed, localInvocation, remoteTest } from './functions.ts';
import { afterDeployment, configName } from './next.ts';
import type { Session } from './session.ts';
import { resultStatus } from './status.ts';
import { asCrcError, outcomeViews } from './views.ts';

/** Deploys functions and what they need, and tests them. 0 done and tested, 1 anything failed. */
export async function deployFunction(options: DeployFunctionOptions, io: Io): Promise<number> {
  return await withSession(
    {
      command: 'deploy-function',
      options,
      io,
      toWrite: true,
      // What AWS serves may have been replaced, together with its record.
      build: true,
      functions: ({ functions }) => functionsNamed(functions, options.names),
    },
    async (session) => {
      const plan = await session.plan(CONSENT);
      return options.dryRun
        ? await withPackages(session, dryRun(session, plan, options, io), options, io)
        : await deploy(session, plan, options, io);
    },
  );
}

/** A plan; with --details, followed by the contents of the packages. */
async function withPackages(session: Session, ending: Ending, options: DeployFunctionOptions, io: Io): Promise<Ending> {
  if (options.details !== true) return ending;
  const packages = await builtPackages(functionsServed(session.config, options), session);
  const { packagesText } = await import('../ui/packages.ts');
  return { ...ending, text: (run) => `${ending.text(run)}${packagesText(packages, io.color)}` };
}

/** The named functions; with --only, those whose code or URL it selects. What else it selects changes nothing that they serve. */
function functionsServed(
  { functions }: Config,
  { names, only = [] }: DeployFunctionOptions,
): readonly FunctionConfig[] {
  const named = functionsNamed(functions, names);
  if (only.length === 0) return named;
  return named.filter(({ name }) => [codeId(name), urlId(name)].some((id) => only.includes(id)));
}

const CONSENT = { adopt: false, prune: false };

async function deploy(session: Session, plan: Plan<CrcError>, options: DeployFunctionOptions, io: Io): Promise<Ending> {
  if (!options.json && !isRefused(plan)) await showPlan(session, plan, options, io);
  const results = await carryOut(session, plan);
  const smoke = await smokeTest(session, functionsServed(session.config, options), results, options);
  const status = smoke.ok ? resultStatus(results) : 'failed';
  const restored = smoke.tests.filter(({ restoredTo }) => restoredTo !== undefined);
  const outcomes = outcomeViews(results, plan)
    .map((view, index) => beyondDeploying(view, results[index], plan))
    .map((view) => ({ ...view, undone: restored.some(({ functionName }) => view.id === codeId(functionName)) }));
  return {
    exitCode: status === 'failed' ? 1 : 0,
    document: (run) => planDocument(run, status, selected(session, plan), outcomes, { mode: smoke.mode, ok: smoke.ok }),
    text: () => {
      const match = `The functions match ${configName(options)} and their source.`;
      const about = { ...resultOptions(session, options, outcomes, io), match };
      return isRefused(plan) ? refusedText(session, plan, about) : deploymentText(outcomes, smoke.tests, about);
    },
    cost: true,
    next: afterDeployment(
      outcomes,
      smoke.tests,
      { ...options, disabled: disabledFunctions(session.config.functions) },
      io,
    ),
  };
}

function codeId(functionName: string): string {
  return `function-code/${functionName}`;
}

function urlId(functionName: string): string {
  return `function-url/${functionName}`;
}

/**
 * CI may deploy code and settings, and nothing else. Whatever was denied beyond that is for a user with more
 * permissions.
 */
function beyondDeploying(view: OutcomeView, result: Result | undefined, plan: Plan): OutcomeView {
  const action = deniedAction(result?.error);
  const actions = plan.find(({ id }) => id === view.id)?.actions;
  if (view.error === undefined || action === undefined || actions === undefined) return view;
  const granted = [...actions.read, ...(actions.deploy ?? [])].flatMap((allowed) => allowed.actions);
  if (granted.includes(action)) return view;
  const hint = `Run \`crc bootstrap\` with credentials that may change ${view.id}: a role with "crc": ["deploy-function"] may change the code and settings of functions, and nothing else.`;
  return { ...view, error: new CrcError(view.error.message, { hint, cause: view.error }) };
}

interface SmokeTests extends Pick<SmokeTest, 'mode' | 'ok'> {
  readonly tests: readonly SmokeView[];
}

/** Tests the changed functions. If a test fails, its alias is moved back to the previous version. */
async function smokeTest(
  session: Session,
  functions: readonly FunctionConfig[],
  results: readonly Result[],
  { smokeTest: wanted = true }: DeployFunctionOptions,
): Promise<SmokeTests> {
  const failed = results.some(({ outcome }) => isIncomplete(outcome));
  const changed = results.some(({ outcome }) => outcome === 'created' || outcome === 'updated');
  const why = wanted ? whyNotTested(session, { failed, changed }) : '--no-smoke-test';
  const tests = await Promise.all(
    functions.map(async (functionConfig): Promise<SmokeView> => {
      const { name: functionName } = functionConfig;
      if (why !== undefined) return { functionName, mode: 'skipped', ok: !failed, lines: [why], log: '' };
      const test = await testOne(session, functionConfig, givesRights(results, functionName));
      const { lines, restoredTo } = test.ok
        ? { lines: [] }
        : // A version that failed its test must not stay live because of an impatient Ctrl-C.
          await session.uninterrupted(() => putBack(session, functionConfig, results));
      return { functionName, ...test, lines: [...test.lines, ...lines], restoredTo };
    }),
  );
  const ran = tests.find(({ mode }) => mode !== 'skipped');
  return { mode: ran?.mode ?? 'skipped', ok: !failed && tests.every(({ ok }) => ok), tests };
}

function whyNotTested(
  { signal }: Session,
  { failed, changed }: { readonly failed: boolean; readonly changed: boolean },
): string | undefined {
  if (signal.aborted) return 'stopped before the test';
  if (failed) return 'not everything is deployed';
  return changed ? undefined : 'nothing changed';
}

/** Whether this run changed the function's permissions: its role, or the function's link to it. */
function givesRights(results: readonly Result[], functionName: string): boolean {
  const outcomeOf = (id: string) => results.find((result) => result.id === id)?.outcome;
  const role = outcomeOf(`execution-role/${functionName}`);
  return role === 'created' || role === 'updated' || outcomeOf(`function/${functionName}`) === 'created';
}

async function testOne(session: Session, functionConfig: FunctionConfig, newRights: boolean): Promise<SmokeTest> {
  session.progress.line(`function/${functionConfig.name}: smoke test`);
  // Most deployments change nothing, so nothing is called.
  const { testLocally, testOnAws } = await import('../invoke/smoke-test.ts');
  if (session.customEndpoint) {
    try {
      return await testLocally(await localInvocation(functionConfig, session), functionConfig);
    } catch (error) {
      // The alias has moved: the deployment must be reported even if this machine cannot run the test.
      const { message, hint } = asCrcError(error, undefined);
      return { mode: 'local', ok: false, couldNotRun: true, lines: [message, hint], log: '' };
    }
  }
  return await testOnAws(session.clients, remoteTest(functionConfig, newRights, session));
}

interface PutBack {
  readonly lines: readonly string[];
  /** The version that is live again. */
  readonly restoredTo?: string;
}

/** Restores the previous version; the next run shows the difference, and deploys it again. */
async function putBack(
  { aliasMoves, clients, signal }: Session,
  { name: functionName, url }: FunctionConfig,
  results: readonly Result[],
): Promise<PutBack> {
  const move = aliasMoves.findLast((aliasMove) => aliasMove.functionName === functionName);
  if (move === undefined) return { lines: [`not rolled back: this run did not move ${ALIAS}`] };
  if (move.from === undefined) {
    const address = results.find(({ id }) => id === urlId(functionName))?.address?.value;
    const isPublic = url?.authType === 'NONE' && address !== undefined;
    return {
      lines: [
        `not rolled back: there is no version before ${move.to}, which stays live`,
        ...(isPublic ? [`its URL is public, and serves version ${move.to} to everyone: ${address}`] : []),
      ],
    };
  }
  const { restoreAlias } = await import('../invoke/rollback.ts');
  const { version } = move.from;
  try {
    return (await restoreAlias(clients.lambda, signal, move))
      ? { lines: [`rolled back: ${ALIAS} now points to version ${version} (was ${move.to})`], restoredTo: version }
      : { lines: [`not rolled back: another user or process has moved ${ALIAS} since`] };
  } catch (error) {
    return {
      lines: [
        `not rolled back: ${ALIAS} could not be moved from version ${move.to} to ${version}: ${asCrcError(error, undefined).message}`,
        `move it yourself: \`crc deploy-function ${functionName} --rollback ${version}\``,
      ],
    };
  }
}
