import { CrcError, systemError } from '../../errors.ts';
import { type BuiltPackage, type FunctionPackage, sizeText } from '../../package/package.ts';
import type { Run } from '../context.ts';

/** The package of a function as its resources use it, each under its own id. */
export interface DeployedPackage {
  /** The hash of the source as it is now. Throws a CrcError when the source is not there; `fatal` as `check` says. */
  hash(id: string): Promise<string>;
  /**
   * Finds out whether there is a package to upload, where this run is going to write that resource. It is built once, and then
   * uploaded. Its error ends the run before the first write: half a project that cannot be finished helps nobody. `unless`:
   * the resource that checks it as well, if that is written too.
   */
  check(id: string, options?: { readonly unless: string }): Promise<void>;
  /** Throws a CrcError when it cannot be built. */
  build(): Promise<BuiltPackage>;
  /** Shows what is being uploaded, and the warnings of its build. */
  announce(id: string, built: BuiltPackage): void;
}

export function deployedPackage(
  code: FunctionPackage,
  { willWrite = () => false, show = () => undefined }: Pick<Run, 'willWrite' | 'show'> = {},
): DeployedPackage {
  async function beforeWriting<T>(id: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const problem = error instanceof CrcError ? error : systemError(error);
      if (problem === undefined || !willWrite(id)) throw error;
      const { message, hint, details } = problem;
      throw new CrcError(message, { hint, details, cause: error, fatal: true });
    }
  }

  return {
    hash: (id) => beforeWriting(id, () => code.hash()),
    async check(id, options) {
      const checkedThere = options !== undefined && willWrite(options.unless);
      if (willWrite(id) && !checkedThere) await beforeWriting(id, () => code.build());
    },
    build: () => code.build(),
    announce(id, { files, zip, warnings }) {
      show(`${id}: package of ${files.length} files, ${sizeText(zip.length)}`);
      for (const warning of warnings) show(`${id}: warning: ${warning}`);
    },
  };
}
