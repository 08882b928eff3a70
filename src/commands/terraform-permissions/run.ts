import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { CrcError } from '../../errors.ts';
import { emulatorEnvironment, sandboxEnvironment } from '../../sandbox/environment.ts';
import { isProgram } from '../../sandbox/launchers.ts';
import { privateFolder } from '../../sandbox/private-folder.ts';
import { startRecorder } from '../../sandbox/recorder.ts';
import { capture } from '../../sandbox/run.ts';
import { startSandbox } from '../../sandbox/start.ts';
import type { LoggedCall } from '../../terraform/permissions/log/read.ts';
import { callOnTheWire } from '../../terraform/permissions/log/wire.ts';
import { initEnvironment, runEnvironment } from '../../terraform/permissions/run/environment.ts';
import type { Step } from '../../terraform/permissions/run/failure.ts';
import { chosenProgram, kindOf } from '../../terraform/permissions/run/program.ts';
import { recordRun } from '../../terraform/permissions/run/record.ts';
import type { Recording } from '../../terraform/permissions/run/recording.ts';
import { type Variables, variablesOf } from '../../terraform/permissions/run/variables.ts';
import type { Io } from '../../ui/io.ts';
import type { Progress } from '../../ui/progress.ts';
import { downloadText } from '../../ui/sandbox.ts';
import type { PermissionsTerraformOptions } from '../definitions/permissions-terraform.ts';
import { ownScript } from '../own-files.ts';
import { configurationFolder, refuseWithoutTerraform } from './folder.ts';
import type { ProjectPlace } from './place.ts';

export interface RecordingInput {
  readonly options: PermissionsTerraformOptions;
  readonly project: ProjectPlace;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly io: Io;
}

/** The current step, for a spinner or a line. */
const DOING: Readonly<Record<Step, string>> = {
  init: 'installing providers and modules',
  workspace: 'creating the workspace',
  plan: 'planning',
  apply: 'creating everything in the sandbox',
  'second plan': 'planning again, now that everything exists',
  destroy: 'destroying it',
};

/** Runs a copy of the configuration in its own sandbox. Nothing is left behind, however the run ends. */
export async function recordTerraform(input: RecordingInput): Promise<Recording> {
  const { options, io, progress, project, signal } = input;
  const folder = await configurationFolder(options.folder, io.cwd);
  const variables = await variablesIn(folder, options, io);
  const { terraformBin } = options;
  const program = await chosenProgram(
    async (name) => await isProgram(name, io.cwd, io.env.PATH ?? ''),
    // Terraform runs in the copy, where a relative path would point elsewhere.
    terraformBin !== undefined && /[/\\]/.test(terraformBin) ? resolve(io.cwd, terraformBin) : terraformBin,
  );
  await refuseWithoutTerraform(folder, kindOf(program), io.cwd);
  const workspace = await privateFolder('crc-terraform-');
  const steps = stepsOn(progress, program);
  try {
    return await recordRun({
      folder,
      workspace: workspace.path,
      program,
      initEnv: initEnvironment(io.env, emulatorEnvironment(io.env)),
      async inSandbox(use, onCommandCall) {
        steps.end();
        return await inSandbox(input, async (emulator) => {
          const recorder = onCommandCall === undefined ? undefined : await commandRecorder(emulator, onCommandCall);
          const endpoint = recorder?.endpoint ?? emulator;
          try {
            const env = runEnvironment(sandboxEnvironment(io.env, { endpoint, region: project.region }));
            return await use({ env, host: new URL(endpoint).host });
          } finally {
            await recorder?.stop();
          }
        });
      },
      variables,
      terraformWorkspace: options.workspace ?? (io.env.TF_WORKSPACE || undefined),
      destroy: options.destroy ?? true,
      signal,
      onStep: steps.start,
      onNote: progress.line,
      onOutput: (line) => {
        if (options.verbose && line.trim() !== '') progress.line(`  ${line}`);
      },
    });
  } finally {
    steps.end();
    await workspace.remove();
  }
}

/**
 * Forwards requests to the emulator, and records those of commands that the configuration runs. Terraform's own calls
 * are in its log.
 */
async function commandRecorder(emulator: string, onCall: (call: LoggedCall) => void) {
  return await startRecorder(emulator, (seen, status) => {
    const call = callOnTheWire(seen);
    if (call?.ofProgram === true) onCall({ ...call, denied: status === 403 });
  });
}

/** Runs something against an emulator that contains what Terraform expects from the config. */
export async function inSandbox<T>(
  { options, io, progress, project, signal }: RecordingInput,
  run: (endpoint: string) => Promise<T>,
): Promise<T> {
  const steps = stepsOn(progress, 'sandbox');
  steps.start('init', 'starting the emulator (Moto); nothing in it reaches AWS');
  try {
    const sandbox = await startSandbox({
      accountId: project.emulatedAccountId,
      path: io.env.PATH ?? '',
      terraform: true,
      signal,
      onLauncher({ program, downloads }) {
        if (downloads) progress.line(downloadText(program));
      },
    });
    try {
      if (project.config !== undefined) await createBackend(project, options, sandbox.endpoint, io, signal);
      steps.end();
      return await run(sandbox.endpoint);
    } finally {
      await sandbox.stop();
    }
  } finally {
    steps.end();
  }
}

/** Creates the bucket, the table, the provider and the roles in the config, so that data sources find them. */
async function createBackend(
  { config, region }: ProjectPlace,
  options: PermissionsTerraformOptions,
  endpoint: string,
  io: Io,
  signal: AbortSignal,
): Promise<void> {
  if (config === undefined) return;
  const { lockTable, roles } = config.config;
  const ids = [
    'state-bucket',
    ...(lockTable === undefined ? [] : ['lock-table']),
    'oidc-provider',
    ...roles.map(({ name }) => `role/${name}`),
  ];
  const place = ['--config', config.file, ...(options.region === undefined ? [] : ['--region', options.region])];
  const { code, stdout, stderr } = await capture({
    args: ['bootstrap', '--yes', '--json', ...place, ...ids.map((id) => `--only=${id}`)],
    cwd: io.cwd,
    env: sandboxEnvironment(io.env, { endpoint, region }),
    script: ownScript(),
    signal,
  });
  if (code === 0) return;
  throw new CrcError(`The state bucket and the roles of ${config.name} could not be created in the sandbox.`, {
    details: `${stdout}\n${stderr}`.split('\n').filter((line) => /"message"|error:/.test(line)),
    hint: 'Try it alone: `crc sandbox -- crc bootstrap`.',
  });
}

/** Files are relative to this folder or to the configuration, as in Terraform. */
async function variablesIn(folder: string, options: PermissionsTerraformOptions, io: Io): Promise<Variables> {
  const { varFile = [], var: given = [] } = options;
  const wrong = given.find((variable) => !/^[^=]+=/.test(variable));
  if (wrong !== undefined) {
    throw new CrcError('--var: a variable is set as NAME=VALUE.', { hint: 'For example --var environment=dev' });
  }
  const files = varFile.map((name) => {
    const fromCwd = resolve(io.cwd, name);
    return existsSync(fromCwd) || relative(io.cwd, folder) === '' ? fromCwd : join(folder, name);
  });
  return await variablesOf({ files, given, env: io.env });
}

/** One step after the other on the progress. */
function stepsOn(progress: Progress, program: string) {
  let current: string | undefined;
  const end = () => {
    if (current !== undefined) progress.report({ kind: 'written', result: { id: current, outcome: 'unchanged' } });
    current = undefined;
  };
  return {
    start(step: Step, what = DOING[step]) {
      end();
      current = program === 'sandbox' ? program : `${program} ${step === 'second plan' ? 'plan' : step}`;
      progress.report({ kind: 'writing', id: current, what });
    },
    end,
  };
}
