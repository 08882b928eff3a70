import { rolldown } from 'rolldown';

/** Commands and other parts that have a module in common, from which on it is worth a place in a shared file. */
const MANY = 6;

/** The shared files that are for some parts alone, and the module that makes a part one of these. The first that fits is taken. */
const MARKS = [
  { name: 'hcl', mark: /\/node_modules\/web-tree-sitter\// },
  { name: 'states', mark: /\/src\/terraform\/state\/content\.ts$/ },
  { name: 'aws', mark: /\/node_modules\/@smithy\/node-http-handler\// },
  { name: 'config', mark: /\/src\/config\/parse\.ts$/ },
];

/**
 * Which modules share a file. A file more costs a command some tenths of a millisecond, and code that it does not need costs it
 * some more. So what starts every run is one file; of what many parts need there is a file for those that read states, one for those
 * that ask AWS, one for those that read the config, and one for all others; the rest follows from who uses it. A list of names would go stale without a word,
 * and the graph of imports has packages with all that they export: so it is found in a build without groups, where what nothing
 * uses is gone, and each file is what the same parts need.
 *
 * @param {readonly import('rolldown').OutputChunk[]} chunks
 * @returns {import('rolldown').CodeSplittingGroup[]}
 */
function groupsOf(chunks) {
  const unknown = MARKS.find(({ mark }) => !has(chunks, mark));
  if (unknown !== undefined) throw new Error(`no module fits ${unknown.mark}`);
  const parts = chunks
    .filter(({ isEntry, isDynamicEntry }) => isEntry || isDynamicEntry)
    .map((part) => loadedBy(part, chunks));
  /** @type {Map<string, string>} */
  const names = new Map();
  for (const chunk of chunks) {
    const users = parts.filter((loaded) => loaded.includes(chunk));
    if (users.length < MANY) continue;
    const name = MARKS.find(({ mark }) => users.every((loaded) => has(loaded, mark)))?.name ?? 'common';
    for (const id of chunk.moduleIds) names.set(id, name);
  }
  // A group takes along what its modules import, so those that more parts need come first.
  const shared = ['hcl', 'states', 'aws', 'config', 'common'].map((name, priority) => ({
    name,
    test: (/** @type {string} */ id) => names.get(id) === name,
    priority,
  }));
  return [...shared, { name: 'start', tags: ['$initial'], priority: shared.length }];
}

/**
 * A chunk with all that it loads.
 *
 * @param {import('rolldown').OutputChunk} part
 * @param {readonly import('rolldown').OutputChunk[]} chunks
 */
function loadedBy(part, chunks) {
  const loaded = new Set([part]);
  for (const { imports } of loaded) for (const chunk of chunks) if (imports.includes(chunk.fileName)) loaded.add(chunk);
  return [...loaded];
}

/**
 * @param {readonly import('rolldown').OutputChunk[]} loaded
 * @param {RegExp} mark
 */
function has(loaded, mark) {
  return loaded.some(({ moduleIds }) => moduleIds.some((id) => mark.test(id)));
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
      // A client that a part imports is there before it is asked for, which does no harm.
      if (log.code === 'INEFFECTIVE_DYNAMIC_IMPORT') return;
      handle(level, log);
    },
  });
  /** @type {import('rolldown').OutputOptions} */
  const format = {
    // Node's loader of ES modules alone takes a tenth of `node -e 0`, and more for each file.
    format: 'cjs',
    // That loader is not started for esbuild, the one import that is no file of the bundle, either.
    dynamicImportInCjs: false,
    comments: { legal: false },
    // Names stay: an error's stack is of use in a report.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
  };
  const codeSplitting = grouped && {
    groups: groupsOf(chunksOf(await build.generate({ ...format, codeSplitting: true }))),
  };
  return chunksOf(await build.write({ ...format, dir, codeSplitting })).flatMap(({ moduleIds }) => moduleIds);
}

/** @param {import('rolldown').RolldownOutput} built */
function chunksOf({ output }) {
  return output.filter((file) => file.type === 'chunk');
}
