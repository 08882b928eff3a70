import { CrcError, systemError } from '../../errors.ts';
import { type BuiltPackage, type FunctionPackage, sizeText } from '../../package/package.ts';
import type { SdkCall } from '../../package/sdk-calls/call.ts';
import type { Run } from '../context.ts';

/** So many names fit on a line. */
const MAX_LEFT_OUT = 5;

/** The package of a function as its resources use it, each under its own id. */
export interface DeployedPackage {
  /** The hash of the source as it is now. Throws a CrcError when the source does not exist; `fatal` as `check` says. */
  hash(id: string): Promise<string>;
  /**
   * Finds out whether there is a package to upload, where this run is going to write that resource. It is built once, and then
   * uploaded. Its error ends the run before the first write: a half-created project that cannot be completed is of no use. `unless`:
   * the resource that checks it as well, if that is written too.
   */
  check(id: string, options?: { readonly unless: string }): Promise<void>;
  /** Throws a CrcError when it cannot be built. */
  build(): Promise<BuiltPackage>;
  /** The package to compare with what AWS has; undefined where this run compares the hash of the source alone. */
  compared(id: string): Promise<BuiltPackage | undefined>;
  /** The calls of an AWS SDK in the source; undefined where this run has not built it. */
  calls(): Promise<readonly SdkCall[] | undefined>;
  /** Shows what is being uploaded, and the warnings of its build. */
  announce(id: string, built: BuiltPackage): void;
}

export function deployedPackage(
  code: FunctionPackage,
  { willWrite = () => false, show = () => undefined, build = false }: Pick<Run, 'willWrite' | 'show' | 'build'> = {},
): DeployedPackage {
  let isBuilt = false;

  async function built(): Promise<BuiltPackage> {
    const builtPackage = await code.build();
    isBuilt = true;
    return builtPackage;
  }

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
      if (willWrite(id) && !checkedThere) await beforeWriting(id, built);
    },
    build: built,
    compared: async (id) => (build ? await beforeWriting(id, built) : undefined),
    calls: async () => (isBuilt ? await code.calls() : undefined),
    announce(id, { files, leftOut, zip, warnings }) {
      show(
        `${id}: package of ${files.length} ${files.length === 1 ? 'file' : 'files'}, ${sizeText(zip.length)}${leftOutText(leftOut)}`,
      );
      for (const warning of warnings) show(`${id}: warning: ${warning}`);
    },
  };
}

/** What a person may miss in the package: a module whose name only looks like that of a test. */
function leftOutText(leftOut: readonly string[]): string {
  const modules = leftOut.filter((path) => /_test\.py$/.test(path));
  if (modules.length === 0) return '';
  const more = modules.length - MAX_LEFT_OUT;
  return `, without the tests ${modules.slice(0, MAX_LEFT_OUT).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
