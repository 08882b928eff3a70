import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import type { Environment } from '../environment.ts';
import { COMMANDS, isPackageManager, manifestIn, packageManagerOf } from '../package-manager.ts';
import { textIfReadable } from '../regular-file.ts';
import { withoutSecrets } from '../secrets.ts';
import { foreignWord } from './foreign.ts';

/** How this process was started. */
export interface Start {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
}

/** How the user types a crc command: `npx crc`, and the flags of this run that the next one needs. */
export interface OwnCommand {
  readonly program: string;
  /** What gets the newest version, where this one is: `npm install -D crc-bootstrap@latest`. */
  readonly update: string;
  readonly flags: readonly string[];
}

/** A command of crc in a text: `` `crc verify --only state-bucket` ``. */
const COMMAND = /`crc ([^`\n]+)`/g;

/** Commands to which the flags of a run do not apply: they work without a config, or start their own process. */
const WITHOUT_FLAGS = ['init', 'sandbox', 'demo', 'help', 'completion'];

/**
 * A command of the AWS CLI that acts on an account: `` `aws iam get-role --role-name A` ``. Those that log in or set up
 * a profile name the profile themselves.
 */
const AWS_COMMAND = /`aws (?!(?:login|sso|configure)\b)([^`\n]+)`/g;

/** The flags of both crc and the AWS CLI. Without them, a command would act on a different account. */
const OF_AWS = ['--region', '--profile', '--endpoint-url'];

/** Replaces commands in backticks with what works when pasted where this process was started. */
export function asTyped(text: string, io: { readonly own: OwnCommand }): string {
  if (!text.includes('`crc ') && !text.includes('`aws ')) return text;
  return crcAsTyped(awsAsTyped(text, io), io);
}

function awsAsTyped(text: string, io: { readonly own: OwnCommand }): string {
  return text.replace(AWS_COMMAND, (_, line: string) => {
    const words = line.split(' ');
    const missing = io.own.flags.filter((flag) => {
      const [name = ''] = flag.split(' ', 1);
      return OF_AWS.includes(name) && !words.includes(name);
    });
    return `\`${['aws', ...missing, line].join(' ')}\``;
  });
}

function crcAsTyped(text: string, io: { readonly own: OwnCommand }): string {
  return text.replace(COMMAND, (_, line: string) => {
    const { program, flags } = io.own;
    const [, command = '', after = ''] = /^((?:state|permissions) [a-z][a-z-]*|\S+)(.*)$/.exec(line) ?? [];
    const rest = after.split(' ').slice(1);
    const takesNone = command.startsWith('-') || WITHOUT_FLAGS.includes(command) || rest.includes('--help');
    const missing = takesNone ? [] : flags.filter((flag) => !rest.includes(flag.split(' ', 1)[0] ?? ''));
    return `\`${[program, command, ...missing, ...rest].join(' ')}\``;
  });
}

/** Reads the file system, so it is only called for a text with a command. */
export function ownCommand({ argv, cwd, env }: Start): OwnCommand {
  return { ...startedAs(argv[1] ?? '', cwd, env), flags: flagsOf(argv.slice(2)) };
}

const LATEST = 'crc-bootstrap@latest';

/**
 * Folders in which package managers keep packages that they run without installing them, or outside node_modules. pnpm 11
 * keeps all packages in its store, those of a project too if it has enableGlobalVirtualStore.
 */
const CACHES: readonly (readonly [path: RegExp, program: string, update: string])[] = [
  [/[\\/]_npx[\\/]/, 'npx crc-bootstrap', `npx ${LATEST}`],
  [/[\\/]xfs-[^\\/]+[\\/]dlx-/, 'yarn dlx crc-bootstrap', `yarn dlx ${LATEST}`],
  [/[\\/]\.yarn[\\/]|[\\/]yarn[\\/]berry[\\/]/i, 'yarn crc', `yarn add -D ${LATEST}`],
  [
    /[\\/]pnpm(-cache)?[\\/]dlx[\\/]|[\\/]dlx-\d|[\\/]store[\\/]v\d+[\\/]links[\\/]/,
    'pnpm dlx crc-bootstrap',
    `pnpm dlx ${LATEST}`,
  ],
  [/[\\/]bunx-[^\\/]*crc-bootstrap|[\\/]\.bunx-\d/, 'bunx crc-bootstrap', `bunx ${LATEST}`],
];

/** Folders of global packages of other package managers than npm: a second crc could come after the old one on the PATH. */
const GLOBAL: readonly (readonly [path: RegExp, update: string])[] = [
  [/[\\/]global[\\/]v?\d+[\\/]/, `pnpm add -g ${LATEST}`],
  [/[\\/]yarn[\\/](Data[\\/])?global[\\/]/i, `yarn global add ${LATEST}`],
  [/[\\/]install[\\/]global[\\/]/, `bun add -g ${LATEST}`],
];

/**
 * The command that starts crc. npm has an unrelated package named crc, so `npx crc` only works where this package is
 * installed in the project: npx then runs its bin (https://docs.npmjs.com/cli/commands/npx). Elsewhere it is `npx
 * crc-bootstrap`.
 */
function startedAs(script: string, cwd: string, env: Start['env']): Pick<OwnCommand, 'program' | 'update'> {
  const real = realPath(script);
  const [, globalUpdate] = GLOBAL.find(([path]) => path.test(script) || path.test(real)) ?? [];
  const cached = globalUpdate === undefined ? CACHES.find(([path]) => path.test(real)) : undefined;
  const installed = installedIn(cwd);
  if (installed !== undefined && (cached !== undefined || isInside(installed.folder, script, real))) {
    // What started this process, or what the project uses.
    const [starter = ''] = (env.npm_config_user_agent ?? '').split('/');
    const own = packageManagerOf(dirname(installed.folder));
    const { exec } = COMMANDS[isPackageManager(starter) ? starter : own];
    return { program: `${exec} ${installed.name}`, update: `${COMMANDS[own].addDev} ${LATEST}` };
  }
  if (cached !== undefined) return { program: cached[1], update: cached[2] };
  const program = basename(script).startsWith('crc-bootstrap') ? 'crc-bootstrap' : 'crc';
  return { program, update: globalUpdate ?? `npm install -g ${LATEST}` };
}

interface Installed {
  /** The node_modules folder. */
  readonly folder: string;
  readonly name: 'crc' | 'crc-bootstrap';
}

/** This package in the closest node_modules that contains it, under a bin name that no closer package uses. */
function installedIn(cwd: string): Installed | undefined {
  const names = new Set(['crc', 'crc-bootstrap'] as const);
  for (let at = cwd; ; at = dirname(at)) {
    const folder = join(at, 'node_modules');
    for (const name of names) {
      const bin = join(folder, '.bin', name);
      if (!existsSync(bin)) continue;
      if (isOurs(bin)) return { folder, name };
      names.delete(name);
    }
    if (dirname(at) === at) return undefined;
  }
}

/** A link to this package's script (npm, yarn), or a shell script that starts it (pnpm, Windows). */
function isOurs(bin: string): boolean {
  const script = realPath(bin);
  if (script !== bin && manifestIn(dirname(dirname(script))).name === 'crc-bootstrap') return true;
  // Empty for what starts nothing, such as a folder.
  return /[\\/]crc-bootstrap[\\/]bin[\\/]crc\.js/.test(textIfReadable(script).slice(0, 4_096));
}

function isInside(folder: string, ...scripts: readonly string[]): boolean {
  return scripts.some((script) => script.startsWith(`${folder}${sep}`));
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Flags without which the next command would use a different config or account. */
const CARRIED = ['--config', '--region', '--profile', '--endpoint-url'];

function flagsOf(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  const own = end === -1 ? words : words.slice(0, end);
  return own.flatMap((word, index) => {
    const [flag = '', ...value] = word.split('=');
    if (!CARRIED.includes(flag)) return [];
    const given = word === flag ? own[index + 1] : value.join('=');
    return given === undefined || given === '' ? [] : [`${flag} ${foreignWord(withoutSecrets(given))}`];
  });
}
