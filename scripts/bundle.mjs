import { rolldown } from 'rolldown';

/** Commands and other parts that have a module in common, from which on it is worth a place in a shared file. */
const MANY = 6;

/** @typedef {Parameters<Exclude<import('rolldown').CodeSplittingGroup['name'], string>>[1]} Graph */

/**
 * Which modules share a file. A file more costs a command some tenths of a millisecond, and code that it does not need costs it
 * some more. So what starts every run is one file, what many commands need that ask AWS is another, and what many need besides
 * is a third; the rest follows from who imports it. Found in the graph of imports: a list of names would go stale without a word.
 *
 * @returns {import('rolldown').CodeSplittingGroup[]}
 */
function groups() {
  /** @type {Map<string, 'aws' | 'common' | undefined>} */
  const known = new Map();
  const kindOf = (/** @type {string} */ id, /** @type {Graph} */ graph) => {
    if (known.has(id)) return known.get(id);
    const loaders = loadersOf(id, graph);
    const kind = loaders.every((loader) => asksAws(loader, graph)) ? 'aws' : 'common';
    known.set(id, loaders.length < MANY ? undefined : kind);
    return known.get(id);
  };
  const group = (/** @type {'aws' | 'common'} */ kind, /** @type {number} */ priority) => ({
    name: (/** @type {string} */ id, /** @type {Graph} */ graph) => (kindOf(id, graph) === kind ? kind : undefined),
    debugName: kind,
    priority,
  });
  return [{ name: 'start', tags: ['$initial'], priority: 3 }, group('common', 2), group('aws', 1)];
}

/**
 * The modules that are loaded by themselves (`import()`) and bring this one along.
 *
 * @param {string} id
 * @param {Graph} graph
 */
function loadersOf(id, graph) {
  const importers = reachable(id, (at) => graph.getModuleInfo(at)?.importers ?? []);
  return importers.filter((at) => {
    const info = graph.getModuleInfo(at);
    return info?.isEntry || (info?.dynamicImporters.length ?? 0) > 0;
  });
}

/**
 * Whether a module brings along what sends requests to AWS.
 *
 * @param {string} id
 * @param {Graph} graph
 */
function asksAws(id, graph) {
  if (id.includes('/node_modules/')) return true;
  return reachable(id, (at) => graph.getModuleInfo(at)?.importedIds ?? []).some((at) =>
    at.includes('/node_modules/@smithy/node-http-handler/'),
  );
}

/**
 * @param {string} start
 * @param {(id: string) => readonly string[]} next
 * @returns {readonly string[]}
 */
function reachable(start, next) {
  const modules = new Set([start]);
  for (const id of modules) for (const module of next(id)) modules.add(module);
  return [...modules];
}

/**
 * commander can run a subcommand that is a program of its own, and loads `node:child_process` for that at each start, which
 * takes longer than all of commander. crc has no such subcommand.
 *
 * @type {import('rolldown').Plugin}
 */
const withoutExecutables = {
  name: 'without-executables',
  resolveId: (id, importer) => (startsExecutables(id, importer) ? NO_EXECUTABLES : undefined),
  load: (id) => (id === NO_EXECUTABLES ? 'export {};' : undefined),
};
const NO_EXECUTABLES = '\0no-executables';

/**
 * @param {string} id
 * @param {string | undefined} importer
 */
function startsExecutables(id, importer) {
  return id === 'node:child_process' && /node_modules\/commander\//.test(importer ?? '');
}

/**
 * What the packages for proxies say with DEBUG=*: every header of a request, with the password of the proxy and the signature
 * for AWS.
 *
 * @type {import('rolldown').Plugin}
 */
const withoutDebug = {
  name: 'without-debug',
  resolveId: (id) => (id === 'debug' ? NO_DEBUG : undefined),
  load: (id) => (id === NO_DEBUG ? 'export default () => () => undefined;' : undefined),
};
const NO_DEBUG = '\0no-debug';

/**
 * Bundles a program with everything that it imports, the AWS SDK among it, into a folder. Answers with the ids (absolute
 * paths) of the modules that are in it.
 *
 * @param {object} options
 * @param {string} options.cwd
 * @param {Record<string, string>} options.input
 * @param {string} options.dir
 * @param {boolean} options.grouped
 * @param {import('rolldown').Plugin[]} [options.plugins] For a build that is not crc's own.
 */
export async function bundle({ cwd, input, dir, grouped, plugins = [] }) {
  const build = await rolldown({
    cwd,
    input,
    platform: 'node',
    // esbuild is a program of its own for each platform, which npm installs beside crc.
    plugins: [...plugins, withoutExecutables, withoutDebug],
    external: (id, importer) => id === 'esbuild' || (id.startsWith('node:') && !startsExecutables(id, importer)),
    resolve: { mainFields: ['module', 'main'] },
    transform: { target: 'node20' },
    logLevel: 'warn',
    onLog: (level, log, handle) => {
      // Packages of others import Node's modules without `node:`, and in circles.
      if (log.code === 'CIRCULAR_DEPENDENCY' || log.code === 'EVAL') return;
      handle(level, log);
    },
  });
  const { output } = await build.write({
    dir,
    // Node's loader of ES modules alone takes a tenth of `node -e 0`, and more for each file.
    format: 'cjs',
    comments: { legal: false },
    // Names stay: an error's stack is of use to whoever reports it.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    codeSplitting: grouped ? { groups: groups() } : false,
  });
  return output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
}
