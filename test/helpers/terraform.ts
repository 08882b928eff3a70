import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, sep } from 'node:path';

export interface TerraformResult {
  readonly code: number | null;
  /** stdout and stderr, interleaved in the order of arrival. */
  readonly output: string;
}

/**
 * Settings of Go's garbage collector (https://pkg.go.dev/runtime#hdr-Environment_Variables) for Terraform and its
 * providers. The AWS provider builds hundreds of megabytes of schemas for each command and then exits; half of its CPU
 * time is garbage collection that frees nothing. Above the memory limit, garbage is still collected.
 */
export const LESS_CPU = { GOGC: 'off', GOMEMLIMIT: '1GiB' } as const;

/** Runs Terraform or OpenTofu. Of this process's environment it only inherits PATH. */
export async function terraform(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  program: 'terraform' | 'tofu' = 'terraform',
): Promise<TerraformResult> {
  return await new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      cwd,
      env: { ...LESS_CPU, PATH: process.env.PATH, HOME: cwd, TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const listen = (chunk: unknown) => {
      output += String(chunk);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

/**
 * The folder with the AWS provider for `terraform init -plugin-dir`: CRC_TF_PLUGIN_DIR, or a folder that was detected
 * on this machine. Undefined if there is none, so that Terraform downloads the provider.
 */
export function awsProviderFolder(): string | undefined {
  const configured = process.env.CRC_TF_PLUGIN_DIR;
  if (configured !== undefined && configured !== '') return configured;
  const likely = [
    join(homedir(), '.terraform.d', 'plugins'),
    '/usr/local/share/terraform/plugins',
    '/usr/share/terraform/plugins',
    ...subfolders('/opt'),
  ];
  const folderWithProvider = likely.find((folder) =>
    existsSync(join(folder, 'registry.terraform.io', 'hashicorp', 'aws')),
  );
  return folderWithProvider ?? searched();
}

function subfolders(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function searched(): string | undefined {
  const { stdout } = spawnSync('find', ['/', '-xdev', '-name', 'terraform-provider-aws*', '-type', 'f'], {
    encoding: 'utf8',
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [file] = (stdout ?? '').split('\n');
  const end = file?.indexOf(`${sep}registry.terraform.io${sep}`) ?? -1;
  return file === undefined || end < 0 ? undefined : file.slice(0, end);
}

/** Runs `terraform init` with a local provider if there is one. */
export async function initWithProvider(cwd: string, env: Readonly<Record<string, string>>): Promise<TerraformResult> {
  const folder = awsProviderFolder();
  return await terraform(
    ['init', '-input=false', '-no-color', ...(folder === undefined ? [] : [`-plugin-dir=${folder}`])],
    cwd,
    env,
  );
}
