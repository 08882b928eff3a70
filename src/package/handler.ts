import { posix } from 'node:path';
import { CrcError } from '../errors.ts';

/** Where Lambda finds the code to run. */
export interface Handler {
  /** Path of the module in the package, without extension: `index`, `python/IncrementVisits`. */
  readonly module: string;
  /** The name that is exported or defined there. */
  readonly name: string;
}

export function isPython(runtime: string): boolean {
  return runtime.startsWith('python');
}

/**
 * Splits `FILE.EXPORT` as the runtime does: Node at the first dot of the file name, Python at the last, with earlier
 * dots as folders (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html, python-handler.html). @throws
 * CrcError for a handler that the runtime would look for in a different place from the intended one.
 */
export function parseHandler(handler: string, runtime: string): Handler {
  const { dir, base } = posix.parse(handler);
  const dot = isPython(runtime) ? base.lastIndexOf('.') : base.indexOf('.');
  const file = base.slice(0, dot);
  const name = base.slice(dot + 1);
  if (dir.split('/').includes('..') || dir.startsWith('/')) {
    throw new CrcError(`The handler "${handler}" is outside the function's folder.`, {
      hint: 'Set it to FILE.EXPORT inside "source", for example "index.handler".',
    });
  }
  if (!isPython(runtime) && name.includes('.')) {
    throw new CrcError(
      `The handler "${handler}" has more than one dot: Lambda would look for "${name}" in ${file}.js.`,
      {
        hint: 'Rename the file so that its name has no dot, and set "handler" to FILE.EXPORT, for example "index.handler".',
      },
    );
  }
  return { module: posix.join(dir, isPython(runtime) ? file.replaceAll('.', '/') : file), name };
}
