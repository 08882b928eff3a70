import { resolve } from 'node:path';
import { choiceHint } from '../closest.ts';
import type { FunctionConfig } from '../config/schema.ts';
import { documentationUrl } from '../documentation.ts';
import { CrcError } from '../errors.ts';
import type { LocalInvocation } from '../invoke/local.ts';
import type { RemoteSmokeTest } from '../invoke/smoke-test.ts';
import { type FunctionPackage, functionPackage, sizeText } from '../package/package.ts';
import { byCodeUnits } from '../package/package-file.ts';
import type { PackageView } from '../ui/packages.ts';
import type { Connection } from './connection.ts';
import type { Session } from './session.ts';

/** Lambda's defaults for values that are not in the config. */
const DEFAULT = { memoryMb: 128, timeoutSeconds: 3 };

/** The functions with these names, or all of them without names. Throws a CrcError that lists the known ones. */
export function functionsNamed(
  functions: readonly FunctionConfig[],
  names: readonly string[],
): readonly FunctionConfig[] {
  const unknown = names.filter((name) => !functions.some((known) => known.name === name));
  if (unknown.length === 0 && functions.length > 0) {
    return names.length === 0 ? functions : functions.filter(({ name }) => names.includes(name));
  }
  throw new CrcError(
    functions.length === 0
      ? 'The config has no functions.'
      : `The config has no function ${unknown.map((name) => `"${name}"`).join(' and no ')}.`,
    {
      hint:
        functions.length === 0
          ? `Add one under "functions", as shown in ${documentationUrl('config.md')}`
          : choiceHint(
              unknown,
              functions.map(({ name }) => name),
            ),
    },
  );
}

export function timeoutOf({ timeoutSeconds }: FunctionConfig): number {
  return timeoutSeconds ?? DEFAULT.timeoutSeconds;
}

interface PackagePlace extends Pick<Connection, 'root'> {
  /** The packages of the run, some of which it may have built. */
  readonly packages?: Session['packages'];
}

function packageOf(functionConfig: FunctionConfig, { root, packages }: PackagePlace): FunctionPackage {
  return packages?.get(functionConfig.name) ?? functionPackage({ root, ...functionConfig });
}

/** The packages of the functions that can be built; errors of the others are part of the plan. */
export async function builtPackages(
  functions: readonly FunctionConfig[],
  place: PackagePlace,
): Promise<readonly PackageView[]> {
  const built = await Promise.all(
    functions.map(async (functionConfig) => {
      try {
        const { files, leftOut, zip } = await packageOf(functionConfig, place).build();
        const sorted = [...files].sort((a, b) => byCodeUnits(a.path, b.path));
        const sizes = sorted.map(({ path, bytes }) => ({ path, size: sizeText(bytes.length) }));
        return [{ functionName: functionConfig.name, files: sizes, zipped: sizeText(zip.length), leftOut }];
      } catch (error) {
        if (error instanceof CrcError) return [];
        throw error;
      }
    }),
  );
  return built.flat();
}

/** What is needed to test a deployed function. */
export function remoteTest(
  functionConfig: FunctionConfig,
  newRights: boolean,
  { config, progress, signal }: Pick<Connection, 'config' | 'progress' | 'signal'>,
): RemoteSmokeTest {
  const { name, url, test, role, table, reservedConcurrency } = functionConfig;
  return {
    functionName: name,
    timeoutSeconds: timeoutOf(functionConfig),
    region: config.region,
    url,
    test,
    role,
    table,
    reservedConcurrency,
    newRights,
    show: progress.line,
    signal,
  };
}

/** What is needed to run the package of a function on this machine. Builds it. */
export async function localInvocation(
  functionConfig: FunctionConfig,
  connection: Pick<Connection, 'config' | 'childEnv' | 'signal' | 'identity'> & PackagePlace,
): Promise<Omit<LocalInvocation, 'payload'>> {
  const { root, config, childEnv, signal, identity } = connection;
  const { name, source, runtime, handler } = functionConfig;
  const { files } = await packageOf(functionConfig, connection).build();
  return {
    files,
    signal,
    accountId: await identity(),
    functionName: name,
    runtime,
    handler,
    memoryMb: functionConfig.memoryMb ?? DEFAULT.memoryMb,
    timeoutSeconds: timeoutOf(functionConfig),
    environment: functionConfig.environment ?? {},
    folder: resolve(root, source),
    region: config.region,
    env: childEnv,
  };
}
