import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../environment.ts';
import { isObject } from '../json.ts';
import type { PackageFile } from '../package/package-file.ts';
import { parsedJson } from '../parsed-json.ts';
import { runner } from './guarded.ts';

/** What runs a function of a given runtime locally. */
export interface Interpreter {
  readonly program: string;
  /** Its own, before the script. */
  readonly flags: readonly string[];
  /** The local version (`Python 3.11`), if it differs from Lambda's. */
  readonly standsIn: { readonly local: string; readonly onLambda: string } | undefined;
}

/** `runs on Python 3.11 here, Lambda has 3.13` */
export function standInText({ local, onLambda }: { readonly local: string; readonly onLambda: string }): string {
  return `runs on ${local} here, Lambda has ${onLambda}`;
}

/** Why this machine cannot run the function, and what to do. */
export interface CannotRun {
  readonly cannotRun: string;
}

/** -B: write nothing next to the package. -X utf8: Lambda's locale, even if this machine lacks it. */
const PYTHON_FLAGS = ['-B', '-X', 'utf8'];

/** In milliseconds, until a Python must report its version. */
const PROBE = 30_000;

/** The Node or Bun that crc itself runs on, whatever the runtime's version. */
export function nodeFor(runtime: string, { node, bun }: NodeJS.ProcessVersions = process.versions): Interpreter {
  const local = node.split('.')[0] ?? '';
  const onLambda = /\d+/.exec(runtime)?.[0] ?? '';
  if (bun !== undefined) {
    return {
      program: process.execPath,
      // Otherwise, Bun downloads what the package lacks.
      flags: ['--no-install'],
      standsIn: { local: `Bun ${bun}`, onLambda: `Node.js ${onLambda}` },
    };
  }
  return {
    program: process.execPath,
    flags: ['--enable-source-maps'],
    standsIn: local === onLambda ? undefined : { local: `Node.js ${local}`, onLambda },
  };
}

/**
 * The closest node_modules that contains the SDK, which Lambda's Node provides: upward from the function, then from crc
 * itself.
 */
export function nodeSdkFolder(source: string): string | undefined {
  for (const start of [source, fileURLToPath(new URL('.', import.meta.url))]) {
    for (let at = start; ; at = dirname(at)) {
      const modules = join(at, 'node_modules');
      if (existsSync(join(modules, '@aws-sdk'))) return modules;
      if (dirname(at) === at) break;
    }
  }
  return undefined;
}

/**
 * A Python with exactly that version, else any Python. It needs boto3, which Lambda provides, if a file in the package
 * imports it and the package does not include it.
 */
export async function pythonFor(
  runtime: string,
  files: readonly PackageFile[],
  env: Environment,
): Promise<Interpreter | CannotRun> {
  const onLambda = runtime.replace('python', '');
  const python = process.platform === 'win32' ? 'python' : 'python3';
  const modules = await neededModules(files);
  let cannotRun = `${python} was not found on the PATH`;
  for (const program of [`python${onLambda}`, python]) {
    const probe = await probed(program, modules, env);
    if (probe === undefined) continue;
    const lacked = modules.filter((name) => !probe.has[name]);
    if (lacked.length === 0) {
      const { version } = probe;
      return {
        program,
        flags: PYTHON_FLAGS,
        standsIn: version === onLambda ? undefined : { local: `Python ${version}`, onLambda },
      };
    }
    cannotRun = `${lacked.join(' and ')} is not installed for ${program}: run \`pip install boto3\``;
  }
  return { cannotRun };
}

/** The modules that Lambda's Python provides, a file imports, and the package does not include. */
async function neededModules(files: readonly PackageFile[]): Promise<readonly string[]> {
  if (files.some(({ path }) => /^boto3(\/|\.py$)/.test(path))) return [];
  // Libraries mention it in comments too, but only in few files, so reading those costs little.
  const naming = files.filter(({ path, bytes }) => path.endsWith('.py') && /\b(boto3|botocore)\b/.test(textOf(bytes)));
  if (naming.length === 0) return [];
  const { moduleReader } = await import('../package/python-module.ts');
  const read = await moduleReader();
  const isNeeded = naming.some(({ bytes }) => read(bytes).imports.some((name) => /^(boto3|botocore)(\.|$)/.test(name)));
  return isNeeded ? ['boto3'] : [];
}

interface Probe {
  readonly version: string;
  readonly has: Readonly<Record<string, boolean>>;
}

/** Undefined if the program does not exist or is not a working Python. */
async function probed(program: string, modules: readonly string[], env: Environment): Promise<Probe | undefined> {
  return await new Promise((resolve) => {
    // A separate program, because `python -c` would look for modules in the current folder first and run a boto3.py
    // there.
    const child = spawn(program, ['-B', runner('probe_python.py'), ...modules], {
      env: { ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: PROBE,
      windowsHide: true,
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    child.once('error', () => resolve(undefined));
    child.once('close', (code) => resolve(code === 0 ? probeOf(text) : undefined));
  });
}

/** Reads only the last line: the user's sitecustomize.py, or a wrapper around Python, may print before it. */
function probeOf(text: string): Probe | undefined {
  const probe = parsedJson(text.trim().split('\n').at(-1) ?? '');
  if (!isObject(probe) || typeof probe.version !== 'string' || !isObject(probe.has)) return undefined;
  return { version: probe.version, has: probe.has as Probe['has'] };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
