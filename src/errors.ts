import { dirname } from 'node:path';
import { withoutSecrets } from './secrets.ts';

/** A problem in a config or in arguments: where it is, what is wrong, and what to write instead. */
export interface Issue {
  /** `roles[0].trust.repository`; empty for the document as a whole. */
  readonly path: string;
  /** Continues after the path: `is required, for example "eu-west-2"`. */
  readonly message: string;
  /** The line in the config file, from 1. For a missing key, the line of the enclosing object. */
  readonly line?: number;
  /** File, line and column, in the form that editors and terminals open: `crc.config.json:4:3`. */
  readonly place?: string;
}

/**
 * An error that the user can act on, shown without a stack trace: `message` says what failed and why, `hint` what to do
 * now. The command exits with `exitCode`. Anything that looks like a secret is removed from all of its texts, since
 * they quote external text: a token passed instead of a file name, a URL with a password.
 */
export class CrcError extends Error {
  override readonly name = 'CrcError';
  readonly hint: string;
  /** Alternative ways to do what the hint asks for, one action per line, shown below it. */
  readonly alternatives: readonly string[];
  /** Lines of a program's output, shown below the message and marked as output. */
  readonly details: readonly string[];
  readonly issues: readonly Issue[] | undefined;
  /**
   * The whole run is in doubt, for example because the bucket has a different owner or region: nothing may be written.
   */
  readonly fatal: boolean;
  /** 1, unless a signal ended the run. */
  readonly exitCode: number;

  constructor(
    message: string,
    options: {
      readonly hint: string;
      readonly alternatives?: readonly string[];
      readonly cause?: unknown;
      readonly details?: readonly string[];
      readonly issues?: readonly Issue[];
      readonly fatal?: boolean;
      readonly exitCode?: number;
    },
  ) {
    super(withoutSecrets(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = withoutSecrets(options.hint);
    this.alternatives = (options.alternatives ?? []).map(withoutSecrets);
    this.details = (options.details ?? []).map(withoutSecrets);
    this.issues = options.issues?.map((issue) => ({ ...issue, message: withoutSecrets(issue.message) }));
    this.fatal = options.fatal ?? false;
    this.exitCode = options.exitCode ?? 1;
  }
}

/** The user declined, or stopped the run at a prompt. Nothing was written. It is not an error and is not shown as one. */
export class Cancelled extends Error {
  /** 130 after Ctrl-C, 143 after SIGTERM, otherwise 1. */
  readonly exitCode: 1 | 130 | 143;
  constructor(exitCode: 1 | 130 | 143 = 1) {
    super('Cancelled. No changes were made.');
    this.exitCode = exitCode;
  }
}

/**
 * The meanings of system error codes, as the end of a sentence: https://nodejs.org/api/errors.html#common-system-errors
 */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'it is in use',
  EDQUOT: 'your disk quota is exhausted',
  EEXIST: 'it already exists',
  EFBIG: 'it is too large',
  EIO: 'the disk reported an error',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links form a loop',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'its name is too long',
  ENFILE: 'too many files are open on this machine',
  ENOENT: 'no such file or folder',
  ENOMEM: 'the machine is out of memory',
  ENOSPC: 'no space left on the disk',
  ENOTDIR: 'part of its path is not a folder',
  ENOTEMPTY: 'the folder is not empty',
  ENXIO: 'no process reads from it',
  EPERM: 'the operation is not permitted',
  EROFS: 'the file system is read-only',
  ETXTBSY: 'it is being executed',
  ERR_FS_EISDIR: 'it is a folder',
  ERR_FS_FILE_TOO_LARGE: 'it is too large',
  // Of `regularFile`.
  ERR_NOT_A_FILE: 'it is a pipe, a socket or a device',
};

/** What to do about a system error, by its code. */
const HINTS: Readonly<Record<string, string>> = {
  EDQUOT: 'Free some disk space, then run the command again.',
  EMFILE: 'Raise the limit (`ulimit -n 4096`), then run the command again.',
  ENFILE: 'Close other programs, then run the command again.',
  ENOMEM: 'Close other programs, then run the command again.',
  ENOSPC: 'Free some disk space, then run the command again.',
  ERR_NOT_A_FILE: 'Replace it with a file, or remove it, then run the command again.',
};

const CHECK = 'Check the path and its permissions, then run the command again.';

const CANNOT: readonly (readonly [syscall: RegExp, verb: string])[] = [
  [/^mkdir$/, 'cannot be created'],
  [/^(write|fsync|ftruncate|copyfile)$/, 'cannot be written'],
  [/^(unlink|rmdir|rm)$/, 'cannot be removed'],
  [/^(spawn|fork)/, 'cannot be started'],
  [/^(read|scandir|readlink|realpath|l?stat|fstat|opendir)$/, 'cannot be read'],
];

/**
 * What is read from a path, or undefined if nothing exists there. All other errors are thrown: what cannot be read may
 * exist.
 */
export async function ifPresent<T>(reading: Promise<T>): Promise<T | undefined> {
  return await reading.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
}

/** Like `ifPresent`, and undefined for what is closed to the user: nothing that the user runs can need it. */
export async function ifOpen<T>(reading: Promise<T>): Promise<T | undefined> {
  return await ifPresent(reading).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES' || error.code === 'EPERM') return undefined;
    throw error;
  });
}

/** The meaning of a system error, as the end of a sentence: `permission denied`. Its code if the meaning is unknown. */
export function systemReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? code ?? message;
}

/** What to do about a system error, as a sentence. */
export function systemHint(error: unknown): string {
  return HINTS[(error as NodeJS.ErrnoException).code ?? ''] ?? CHECK;
}

/**
 * Explains an error from the file system or from starting a program; undefined for any other error, including network
 * errors. `failed` says what could not be done, if the caller knows more than the error shows: `The step summary /x
 * cannot be written`.
 */
export function systemError(error: unknown, failed?: string): CrcError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = '', syscall = '', path } = error as NodeJS.ErrnoException;
  const isOfSystem = code in REASONS && (syscall !== '' || code.startsWith('ERR_FS_'));
  if (!isOfSystem || syscall === 'connect') return undefined;
  if (syscall === 'uv_cwd') {
    return new CrcError('The current folder no longer exists.', { hint: 'Change to another folder.', cause: error });
  }
  // crc uses mkdtemp only in the system's folder for temporary files.
  if (syscall === 'mkdtemp') {
    return new CrcError(`No temporary folder can be created in ${dirname(path ?? '')}: ${systemReason(error)}.`, {
      hint: 'Set TMPDIR to an existing folder that you can write to.',
      cause: error,
    });
  }
  const verb = CANNOT.find(([pattern]) => pattern.test(syscall))?.[1] ?? 'cannot be opened';
  const what = failed ?? `${path === undefined ? 'A file' : path} ${verb}`;
  return new CrcError(`${what}: ${systemReason(error)}.`, { hint: systemHint(error), cause: error });
}

/** What `action` results in. A system error of it says what `failed`, as in `systemError`. */
export async function failingAs<T>(failed: string, action: Promise<T>): Promise<T> {
  return await action.catch((error: unknown) => {
    throw systemError(error, failed) ?? error;
  });
}
