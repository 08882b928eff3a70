import { abbreviated } from '../../enumerated.ts';
import { CrcError, systemError } from '../../errors.ts';
import { type BuiltPackage, type FunctionPackage, sizeText } from '../../package/package.ts';
import type { SdkCall } from '../../package/sdk-calls/call.ts';
import type { Run } from '../context.ts';

/** As many names as fit on a line. */
const MAX_LEFT_OUT = 5;

/** A function's package, shared by its resources, which each pass their own id. */
export interface DeployedPackage {
  /** The hash of the current source. @throws CrcError if the source does not exist; `fatal` as for `check`. */
  hash(id: string): Promise<string>;
  /**
   * Checks that the package can be built, if this run will write that resource. It is built once and then uploaded. An
   * error ends the run before the first write, since a half-created project that cannot be completed is of no use.
   * `unless`: another resource that checks it too, if that one is written.
   */
  check(id: string, options?: { readonly unless: string }): Promise<void>;
  /** @throws CrcError if it cannot be built. */
  build(): Promise<BuiltPackage>;
  /** The package to compare with AWS; undefined if this run only compares the source hash. */
  compared(id: string): Promise<BuiltPackage | undefined>;
  /** The AWS SDK calls in the source; undefined if this run has not built it. */
  calls(): Promise<readonly SdkCall[] | undefined>;
  /** The warnings of the build; none if this run has not built it. */
  warnings(): readonly string[];
  /** Shows what is being uploaded. */
  announce(id: string, built: BuiltPackage): void;
}

export function deployedPackage(
  code: FunctionPackage,
  { willWrite = () => false, show = () => undefined, build = false }: Pick<Run, 'willWrite' | 'show' | 'build'> = {},
): DeployedPackage {
  let done: BuiltPackage | undefined;

  async function built(): Promise<BuiltPackage> {
    done = await code.build();
    return done;
  }

  async function beforeWriting<T>(id: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const problem = error instanceof CrcError ? error : systemError(error);
      if (problem === undefined || !willWrite(id)) throw error;
      throw new CrcError(problem.message, { ...problem, cause: error, fatal: true });
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
    calls: async () => (done === undefined ? undefined : await code.calls()),
    warnings: () => done?.warnings ?? [],
    announce(id, { files, leftOut, zip }) {
      show(
        `${id}: package of ${files.length} ${files.length === 1 ? 'file' : 'files'}, ${sizeText(zip.length)}${leftOutText(leftOut)}`,
      );
    },
  };
}

/** Files that may be missing unexpectedly: modules whose name only looks like a test's. */
function leftOutText(leftOut: readonly string[]): string {
  const modules = leftOut.filter((path) => /_test\.py$/.test(path));
  if (modules.length === 0) return '';
  return `, without the tests ${abbreviated(modules, MAX_LEFT_OUT)}`;
}
