import { readFile, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { Environment } from '../../../environment.ts';
import { CrcError, ifPresent } from '../../../errors.ts';
import { parsedJson } from '../../../parsed-json.ts';
import { BY_LOG, isRemote, remoteProvisioner } from './dangers.ts';
import { runProgram } from './program.ts';

/** The parts of a plan that crc checks: https://developer.hashicorp.com/terraform/internals/json-format */
export interface PlanJson {
  readonly resource_changes?: readonly {
    readonly address?: string;
    readonly mode?: string;
    readonly type?: string;
    readonly change?: { readonly after?: { readonly filename?: unknown } | null };
  }[];
  readonly configuration?: { readonly root_module?: ModuleJson };
}

interface ModuleJson {
  readonly resources?: readonly {
    readonly address?: string;
    readonly provisioners?: readonly { readonly type?: string }[];
  }[];
  readonly module_calls?: Readonly<Record<string, { readonly module?: ModuleJson }>>;
}

/**
 * Whether an apply may have effects outside AWS that the copied code does not show: written files, downloaded modules.
 */
export async function mayReachOut(folder: string, lockFile: string): Promise<boolean> {
  const modules = await ifPresent(readFile(join(folder, '.terraform', 'modules', 'modules.json'), 'utf8'));
  return /hashicorp\/local"/.test(lockFile) || /"Dir":\s*"\.terraform\//.test(modules ?? '');
}

export interface PlanInput {
  readonly program: string;
  /** The path of the saved plan. */
  readonly plan: string;
  /** The folder in which Terraform runs. */
  readonly folder: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
  /** The private folder with everything that a run may change. */
  readonly workspace: string;
}

/**
 * Checks a plan before it is applied. @throws CrcError if it would change more than the emulator and the private
 * folder.
 */
export async function checkPlan({ program, plan, folder, env, signal, workspace }: PlanInput): Promise<void> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runProgram({
    ...{ program, args: ['show', '-json', '-no-color', plan], cwd: folder, env, signal },
    onStdout: (line) => out.push(line),
    onStderr: (line) => err.push(line),
  });
  const planned = parsedJson(out.join('\n'));
  if (code !== 0 || planned === undefined) {
    throw new CrcError('The plan could not be read, so nothing was applied.', { details: err.slice(-5), hint: BY_LOG });
  }
  refuseReachingOut(planned as PlanJson, folder, [workspace, await realpath(workspace)]);
}

/**
 * `folder`: where Terraform runs, from which it resolves relative paths. @throws CrcError for a file outside the folders
 * that a run may change, and for a provisioner that connects to a server.
 */
export function refuseReachingOut(plan: PlanJson, folder: string, folders: readonly string[]): void {
  for (const { address = '', mode, type = '', change } of plan.resource_changes ?? []) {
    const filename = change?.after?.filename;
    if (mode !== 'managed' || !/^local_(sensitive_)?file$/.test(type) || typeof filename !== 'string') continue;
    if (folders.some((changed) => isInside(changed, resolve(folder, filename)))) continue;
    throw new CrcError(
      `${address} writes ${filename}. A run would replace that file on this machine and then delete it, so nothing was applied.`,
      { hint: `Let it write to a path below \${path.module}. ${BY_LOG}` },
    );
  }
  refuseRemote(plan.configuration?.root_module ?? {}, '');
}

/** Downloaded modules are not among the files that were copied. */
function refuseRemote({ resources = [], module_calls: calls = {} }: ModuleJson, prefix: string): void {
  for (const { address = '', provisioners = [] } of resources) {
    const remote = provisioners.find(({ type = '' }) => isRemote(type));
    if (remote?.type !== undefined) throw remoteProvisioner(`${prefix}${address}`, remote.type);
  }
  for (const [name, { module = {} }] of Object.entries(calls)) refuseRemote(module, `${prefix}module.${name}.`);
}

function isInside(folder: string, file: string): boolean {
  const way = relative(folder, file);
  return !/^\.\.(?:[/\\]|$)/.test(way) && !isAbsolute(way);
}
