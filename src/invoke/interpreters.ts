import { spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../environment.ts';
import type { PackageFile } from '../package/package-file.ts';
import { runner } from './guarded.ts';

/** What runs a function of one runtime on this machine. */
export interface Interpreter {
  readonly program: string;
  /** `Python 3.11`, where it stands in for another version than Lambda's. */
  readonly standsIn: { readonly local: string; readonly onLambda: string } | undefined;
}

/** `runs on Python 3.11 here, Lambda has 3.13` */
export function standInText({ local, onLambda }: { readonly local: string; readonly onLambda: string }): string {
  return `runs on ${local} here, Lambda has ${onLambda}`;
}

/** This machine cannot run the function; why, and what to do. */
export interface CannotRun {
  readonly cannotRun: string;
}

/** Milliseconds in which a Python says what it is. */
const PROBE = 30_000;

/** The Node that crc itself runs on, whichever version the runtime has. */
export function nodeFor(runtime: string): Interpreter {
  const local = process.versions.node.split('.')[0] ?? '';
  const onLambda = /\d+/.exec(runtime)?.[0] ?? '';
  return {
    program: process.execPath,
    standsIn: local === onLambda ? undefined : { local: `Node.js ${local}`, onLambda },
  };
}

/** The nearest node_modules that has the SDK, which Lambda's Node has: from the function upward, then from crc itself. */
export async function nodeSdkFolder(source: string): Promise<string | undefined> {
  for (const start of [source, fileURLToPath(new URL('.', import.meta.url))]) {
    for (let at = start; ; at = dirname(at)) {
      const modules = join(at, 'node_modules');
      const isThere = await access(join(modules, '@aws-sdk')).then(
        () => true,
        () => false,
      );
      if (isThere) return modules;
      if (dirname(at) === at) break;
    }
  }
  return undefined;
}

/**
 * The Python of that very version, else any. It needs boto3, which Lambda's has, where a file of the package imports it and
 * the package does not bring it.
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
      return { program, standsIn: version === onLambda ? undefined : { local: `Python ${version}`, onLambda } };
    }
    cannotRun = `${lacked.join(' and ')} is not installed for ${program}: run \`pip install boto3\``;
  }
  return { cannotRun };
}

/** Of what Lambda's Python has, that which a file of the package imports and the package does not bring. */
async function neededModules(files: readonly PackageFile[]): Promise<readonly string[]> {
  if (files.some(({ path }) => /^boto3(\/|\.py$)/.test(path))) return [];
  // Libraries name it in comments too; few files do, so reading those costs little.
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

/** Undefined: there is no such program, or it is no Python that works. */
async function probed(program: string, modules: readonly string[], env: Environment): Promise<Probe | undefined> {
  return await new Promise((resolve) => {
    // A program of crc's own: `python -c` would look for modules in the current folder first, and run a boto3.py there.
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
    child.once('close', (code) => resolve(code === 0 ? (JSON.parse(text) as Probe) : undefined));
  });
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
