import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stopwatch } from '../aws/calls.ts';
import type { Environment } from '../environment.ts';
import { CrcError } from '../errors.ts';
import { DEMO_STEPS, type DemoStep, essentialLines } from '../sandbox/demo.ts';
import { type SandboxPlace, sandboxEnvironment } from '../sandbox/environment.ts';
import { changeOutsideCrc, EXAMPLE } from '../sandbox/outside-changes.ts';
import { privateFolder } from '../sandbox/private-folder.ts';
import { capture } from '../sandbox/run.ts';
import { startSandbox } from '../sandbox/start.ts';
import { DEMO_STARTS, DEMO_STOPPED, type DemoStepView, demoEnd, stepHead, stepLines } from '../ui/demo.ts';
import type { Io } from '../ui/io.ts';
import { demoDocument } from '../ui/json.ts';
import { printOut } from '../ui/print.ts';
import { downloadText } from '../ui/sandbox.ts';
import type { DemoOptions } from './definitions/demo.ts';
import { ownFile, ownScript } from './own-files.ts';
import { type StopSignals, stopSignals } from './stop-signals.ts';

/** Shows what crc does in a sandbox and a temporary folder. Both are removed, however it ends. */
export async function demo({ json = false }: DemoOptions, io: Io): Promise<number> {
  const elapsed = stopwatch();
  const signals = stopSignals(io.env);
  const show = async (text: string) => {
    if (!json) await printOut(io, text);
  };
  try {
    await show(`${DEMO_STARTS}\n`);
    const steps = await inFolder((folder) => runSteps(folder, signals, { io, json, show }));
    const durationMs = elapsed();
    if (json) io.out(`${demoDocument(steps, durationMs)}\n`);
    await show(demoEnd(durationMs));
    return 0;
  } catch (error) {
    const exitCode = signals.exitCode();
    if (exitCode === undefined) throw error;
    if (json) throw new CrcError(DEMO_STOPPED, { hint: 'Run it again to see the rest.', cause: error, exitCode });
    io.err(`\n${DEMO_STOPPED}\n`);
    return exitCode;
  } finally {
    signals.forget();
  }
}

/**
 * Adds GitHub's ids to the example config, as `crc init` does. Without them, the form of GitHub's subjects is unknown.
 */
function withIds(text: string): string {
  const config = JSON.parse(text);
  for (const { trust } of config.roles) Object.assign(trust, { ownerId: 1, repositoryId: 2 });
  return JSON.stringify(config, null, 2);
}

/** A project in a temporary folder: the example's config and the visit counter. */
async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const { path, remove } = await privateFolder('crc-demo-');
  try {
    const config = withIds(await readFile(ownFile('config.example.json'), 'utf8'));
    await writeFile(join(path, 'crc.config.json'), config);
    const source = join('functions', 'increment-visits');
    for (const file of ['index.ts', 'package.json']) {
      await cp(ownFile(join(source, file)), join(path, source, file));
    }
    return await run(path);
  } finally {
    await remove();
  }
}

interface Screen {
  readonly io: Io;
  readonly json: boolean;
  readonly show: (text: string) => Promise<void>;
}

async function runSteps(
  folder: string,
  { signal }: StopSignals,
  { io, json, show }: Screen,
): Promise<readonly DemoStepView[]> {
  const { accountId, region } = EXAMPLE;
  const sandbox = await startSandbox({
    accountId,
    path: io.env.PATH ?? '',
    terraform: false,
    signal,
    onLauncher({ program, downloads }) {
      if (downloads && !json) io.err(`${downloadText(program)}\n`);
    },
  });
  try {
    const steps: DemoStepView[] = [];
    for (const [index, step] of DEMO_STEPS.entries()) {
      await show(stepHead(index + 1, step, io.color));
      const place = { endpoint: sandbox.endpoint, region };
      const done = { ...step, lines: await runStep(step, { place, folder, io, signal }) };
      await show(stepLines(done));
      steps.push(done);
    }
    return steps;
  } finally {
    await sandbox.stop();
  }
}

interface Surroundings {
  readonly place: SandboxPlace;
  readonly folder: string;
  readonly io: Io;
  readonly signal: AbortSignal;
}

/** The relevant lines of its output. Throws a CrcError if the step does not end as expected. */
async function runStep(step: DemoStep, { place, folder, io, signal }: Surroundings): Promise<readonly string[]> {
  const { args, exitCode } = step;
  if (args === undefined) return await changeOutsideCrc(place);
  const env = {
    ...withoutCi(sandboxEnvironment(io.env, place)),
    ...(io.color ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
  };
  const { code, stdout, stderr } = await capture({ args, cwd: folder, env, script: ownScript(), signal });
  if (code === exitCode) return essentialLines(step, stdout);
  throw new CrcError(`The demo stopped: \`crc ${args.join(' ')}\` exited with ${code}, not ${exitCode}.`, {
    details: `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== ''),
    hint: 'Run `crc demo` again. If it stops there again, please report it with this output.',
  });
}

/** What a GitHub Actions job shows about a run concerns the job's own account. */
function withoutCi(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(GITHUB_|NO_COLOR$|FORCE_COLOR$)/.test(name)));
}
