import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { CrcError } from '../errors.ts';

/** The version of Moto that crc is tested with, for launchers that download it. */
const MOTO_VERSION = '5.2.1';

export interface LaunchInput {
  readonly port: number;
  /** The environment variables of Moto. */
  readonly settings: Readonly<Record<string, string>>;
}

/** One way to start Moto: the program it needs, and its command line. */
export interface Launcher {
  readonly program: string;
  /** The program downloads Moto the first time it runs it. */
  readonly downloads: boolean;
  command(input: LaunchInput): readonly string[];
}

const onHost = ({ port }: LaunchInput) => ['-H', '127.0.0.1', '-p', String(port)];

/** In order of preference: installed programs first, those that download it later. */
export const LAUNCHERS: readonly Launcher[] = [
  { program: 'moto_server', downloads: false, command: (input) => ['moto_server', ...onHost(input)] },
  {
    program: 'uvx',
    downloads: true,
    command: (input) => ['uvx', '--from', `moto[server]==${MOTO_VERSION}`, 'moto_server', ...onHost(input)],
  },
  {
    program: 'pipx',
    downloads: true,
    command: (input) => ['pipx', 'run', '--spec', `moto[server]==${MOTO_VERSION}`, 'moto_server', ...onHost(input)],
  },
  {
    program: 'docker',
    downloads: true,
    command: ({ port, settings }) => [
      ...['docker', 'run', '--rm', '-p', `127.0.0.1:${port}:5000`],
      ...Object.entries(settings).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
      `motoserver/moto:${MOTO_VERSION}`,
    ],
  },
];

/** The first launcher whose program is installed. @throws CrcError that lists the ways to get Moto if none is. */
export async function findLauncher(path: string): Promise<Launcher> {
  for (const launcher of LAUNCHERS) {
    if (!(await isOnPath(launcher.program, path))) continue;
    if (launcher.program !== 'docker' || (await dockerAnswers())) return launcher;
  }
  throw new CrcError('The sandbox needs Moto 5, a local AWS emulator, and cannot find it.', {
    hint: 'Do one of these, then run the command again:',
    alternatives: [
      "pip install 'moto[server]>=5,<6'",
      'Install uv (https://docs.astral.sh/uv): crc runs Moto with uvx.',
      'Install pipx (https://pipx.pypa.io): crc runs Moto with pipx.',
      'Start Docker: crc runs the image motoserver/moto.',
    ],
  });
}

/** Whether a program can be run by name. */
export async function isOnPath(program: string, path: string): Promise<boolean> {
  const names = process.platform === 'win32' ? [`${program}.exe`, `${program}.cmd`] : [program];
  const candidates = path
    .split(delimiter)
    .flatMap((folder) => (folder === '' ? [] : names.map((name) => join(folder, name))));
  const executables = await Promise.all(candidates.map(isExecutable));
  return executables.includes(true);
}

/** Whether a program can be run as written: by name, or by a path relative to `cwd`. */
export async function isProgram(program: string, cwd: string, path: string): Promise<boolean> {
  return /[/\\]/.test(program) ? await isExecutable(resolve(cwd, program)) : await isOnPath(program, path);
}

async function isExecutable(file: string): Promise<boolean> {
  return await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The client can be installed without an engine. */
async function dockerAnswers(): Promise<boolean> {
  const version = promisify(execFile)('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 10_000 });
  return await version.then(
    () => true,
    () => false,
  );
}
