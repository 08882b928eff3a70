import { partitionOf } from '../aws/arns.ts';
import { WRITTEN_SID } from '../config/write-statements.ts';
import { CrcError } from '../errors.ts';
import type { Statement } from '../policies/document.ts';
import { managedPoliciesOf } from '../policies/managed.ts';
import { permissionsOf } from '../terraform/permissions/permissions.ts';
import type { Recording } from '../terraform/permissions/run/recording.ts';
import type { Io } from '../ui/io.ts';
import { printErr } from '../ui/print.ts';
import { createProgress } from '../ui/progress.ts';
import {
  recordedText,
  statementsText,
  type TerraformPermissionsView,
  terraformPermissionsDocument,
  type UnneededStatements,
  unneededText,
} from '../ui/terraform-permissions.ts';
import { errorText } from '../ui/text.ts';
import type { PermissionsTerraformOptions } from './definitions/permissions-terraform.ts';
import { showNext } from './next.ts';
import { stopSignals } from './stop-signals.ts';
import { type ProjectPlace, projectPlace } from './terraform-permissions/place.ts';
import type { RecordingInput } from './terraform-permissions/run.ts';
import { workspaceOf } from './workspace.ts';

/**
 * Determines the IAM statements that a Terraform configuration needs, and prints them or writes them to the config. 0
 * found, 1 Terraform failed: then the statements up to that point are printed, and nothing is written.
 */
export async function permissionsTerraform(options: PermissionsTerraformOptions, io: Io): Promise<number> {
  checkOptions(options);
  const start = performance.now();
  const project = await projectPlace(options, io);
  if (options.write) {
    const { refuseUnwritable } = await import('./terraform-permissions/write.ts');
    await refuseUnwritable(project, options, io);
  }
  const signals = stopSignals(io.env);
  const progress = await createProgress(io);
  try {
    const { signal } = signals;
    const recording = await recordingOf({ options, project, progress, signal, io });
    progress.stop();
    const view = viewOf(recording, project, options, Math.round(performance.now() - start));
    return await show(view, project, options, io, signal);
  } catch (error) {
    const exitCode = signals.exitCode();
    if (exitCode === undefined) throw error;
    throw new CrcError('Stopped before it was done.', {
      hint: 'The sandbox and the copy of the configuration were deleted. Nothing else was changed.',
      cause: error,
      exitCode,
    });
  } finally {
    progress.stop();
    signals.forget();
  }
}

function checkOptions({ log = [], folder, program, write, key, yes, ...rest }: PermissionsTerraformOptions): void {
  const sources = [
    ...(log.length > 0 ? ['--log'] : []),
    ...(program.length > 0 ? ['a command after --'] : []),
    ...(folder === undefined ? [] : ['a folder']),
  ];
  if (sources.length > 1) {
    throw new CrcError(`${sources.join(' and ')} cannot be used together.`, { hint: 'Pass only one of them.' });
  }
  workspaceOf(rest.workspace);
  const ofRun = Object.entries({ '--var': rest.var, '--var-file': rest.varFile, '--workspace': rest.workspace });
  const useless = ofRun.find(([, value]) => value !== undefined);
  if (useless !== undefined && (log.length > 0 || program.length > 0)) {
    throw new CrcError(`${useless[0]} only applies when crc runs Terraform.`, {
      hint: `Leave ${useless[0]} out.`,
    });
  }
  const ofWrite = key !== undefined ? '--key' : yes ? '--yes' : undefined;
  if (!write && ofWrite !== undefined) {
    throw new CrcError(`${ofWrite} can only be used with --write.`, { hint: `Add --write, or leave ${ofWrite} out.` });
  }
}

async function recordingOf(input: RecordingInput): Promise<Recording> {
  const { options, io } = input;
  if (options.log !== undefined) {
    const { recordLogs } = await import('./terraform-permissions/log.ts');
    return await recordLogs(options.log, io);
  }
  if (options.program.length > 0) {
    const { recordProgram } = await import('./terraform-permissions/program.ts');
    return await recordProgram(input);
  }
  const { recordTerraform } = await import('./terraform-permissions/run.ts');
  return await recordTerraform(input);
}

function viewOf(
  { calls, state, assumed, unlogged = [], failure }: Recording,
  { accountId, emulatedAccountId, region }: ProjectPlace,
  { log, destroy = true }: PermissionsTerraformOptions,
  durationMs: number,
): TerraformPermissionsView {
  const { phases, reasons, unknown } = permissionsOf(calls, {
    accountId,
    recordedAccountId: log === undefined ? emulatedAccountId : undefined,
    partition: partitionOf(region),
    state,
  });
  const statements = {
    plan: phases.plan.map(marked),
    apply: phases.apply.map(marked),
    destroy: destroy ? phases.destroy.map(marked) : [],
  };
  return {
    accountId,
    region,
    calls: calls.length,
    phases: statements,
    policies: {
      plan: managedPoliciesOf(statements.plan),
      apply: managedPoliciesOf(statements.apply),
      destroy: managedPoliciesOf(statements.destroy),
    },
    reasons,
    unknown,
    assumed,
    unlogged: unlogged.filter((step) => destroy || step !== 'destroy'),
    withoutDestroy: !destroy,
    failure,
    durationMs,
  };
}

/** A statement that `--write` recognizes, even if the user pasted it. */
function marked(statement: Statement): Statement {
  return { ...statement, Sid: `${WRITTEN_SID}${statement.Sid ?? ''}` };
}

async function show(
  view: TerraformPermissionsView,
  project: ProjectPlace,
  options: PermissionsTerraformOptions,
  io: Io,
  signal: AbortSignal,
): Promise<number> {
  const { failure } = view;
  const isEmpty = failure !== undefined && view.calls === 0;
  if (!options.json && !isEmpty) {
    // Statements are for pasting, so they are never wrapped.
    if (!options.write) io.out(statementsText(view));
    await printErr(io, recordedText(view, io.color));
  }
  if (!options.json && failure !== undefined) await printErr(io, `${errorText(failure, io.color)}\n`);
  const unneeded = await unneededIn(view, project, options, io);
  if (failure === undefined && options.write) {
    const { writeStatements } = await import('./terraform-permissions/write.ts');
    await writeStatements({ view, project, options, io, signal });
  }
  if (options.json) io.out(`${terraformPermissionsDocument(view, unneeded)}\n`);
  else if (failure === undefined && !options.write && project.config !== undefined) {
    await printErr(io, unneededText(unneeded, project.config.name, io.color));
    await showNext('Add --write to put these statements into the config.', io);
  }
  return failure === undefined ? 0 : 1;
}

/** After an incomplete run, unneeded statements are unknown. */
async function unneededIn(
  view: TerraformPermissionsView,
  project: ProjectPlace,
  options: PermissionsTerraformOptions,
  io: Io,
): Promise<readonly UnneededStatements[]> {
  if (view.failure !== undefined || project.config === undefined) return [];
  const { unneededStatements } = await import('./terraform-permissions/write.ts');
  return await unneededStatements({ view, project, options, io });
}
