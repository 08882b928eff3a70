import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/** A module that at least this many commands or other dynamic imports need goes into a shared file. */
const MIN_USERS = 6;

/**
 * The shared files that only some imports need, each with a module that identifies these imports. The first match
 * applies.
 */
const SHARED_GROUPS = [
  // Its first line, `new Intl.Segmenter()`, takes as long as the rest of `crc --help`.
  { name: 'width', marker: /\/node_modules\/string-width\// },
  { name: 'hcl', marker: /\/node_modules\/web-tree-sitter\// },
  { name: 'states', marker: /\/src\/terraform\/state\/content\.ts$/ },
  { name: 'aws', marker: /\/node_modules\/@smithy\/node-http-handler\// },
  { name: 'config', marker: /\/src\/config\/parse\.ts$/ },
  // All that `crc help` needs of what many commands share.
  { name: 'documentation', marker: /\/src\/documentation\.ts$/ },
];

/**
 * Decides which modules share a file. Each additional file costs a command a few tenths of a millisecond, and so does
 * code that the command does not need. So there is one file with what every run loads, and modules with many users are
 * split into files for the groups above and one for the rest. All other modules are grouped by the bundler. The groups
 * are computed from a first build without groups: a list of file names would silently become outdated, and the import
 * graph of the sources contains entire packages, while tree shaking has removed unused code from that build.
 *
 * @param {readonly import('rolldown').OutputChunk[]} chunks
 * @returns {import('rolldown').CodeSplittingGroup[]}
 */
function groupsOf(chunks) {
  const unmatched = SHARED_GROUPS.find(({ marker }) => !includesModule(chunks, marker));
  if (unmatched !== undefined) throw new Error(`no module matches ${unmatched.marker}`);
  const entryPoints = chunks
    .filter(({ isEntry, isDynamicEntry }) => isEntry || isDynamicEntry)
    .map((chunk) => withImports(chunk, chunks));
  /** @type {Map<string, string>} */
  const names = new Map();
  for (const chunk of chunks) {
    const users = entryPoints.filter((loaded) => loaded.includes(chunk));
    if (users.length < MIN_USERS) continue;
    const name =
      SHARED_GROUPS.find(({ marker }) => users.every((loaded) => includesModule(loaded, marker)))?.name ?? 'common';
    for (const id of chunk.moduleIds) names.set(id, name);
  }
  // A group also captures the imports of its modules, so the groups with the most users come first.
  const shared = [...SHARED_GROUPS.map(({ name }) => name), 'common'].map((name, priority) => ({
    name,
    test: (/** @type {string} */ id) => names.get(id) === name,
    priority,
  }));
  return [...shared, { name: 'start', tags: ['$initial'], priority: shared.length }];
}

/**
 * A chunk and all chunks that it imports.
 *
 * @param {import('rolldown').OutputChunk} root
 * @param {readonly import('rolldown').OutputChunk[]} chunks
 */
function withImports(root, chunks) {
  const loaded = new Set([root]);
  for (const { imports } of loaded) for (const chunk of chunks) if (imports.includes(chunk.fileName)) loaded.add(chunk);
  return [...loaded];
}

/**
 * @param {readonly import('rolldown').OutputChunk[]} loaded
 * @param {RegExp} pattern
 */
function includesModule(loaded, pattern) {
  return loaded.some(({ moduleIds }) => moduleIds.some((id) => pattern.test(id)));
}

/**
 * commander can run subcommands that are separate executables. For that it always loads `node:child_process`, which
 * takes longer than loading commander itself. crc has no such subcommands.
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
 * Removes the `debug` package: with DEBUG=*, the proxy packages would print all request headers, including the proxy's
 * password and AWS signatures.
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
 * Leaves out what crc does not use of its package.json: scripts and dependencies were a fifth of the first file that is
 * loaded.
 *
 * @type {import('rolldown').Plugin}
 */
const shortPackageJson = {
  name: 'short-package-json',
  transform: (code, id) => {
    if (id !== OWN_PACKAGE_JSON) return undefined;
    const { name, version, repository } = JSON.parse(code);
    return JSON.stringify({ name, version, repository });
  },
};
const OWN_PACKAGE_JSON = fileURLToPath(new URL('../package.json', import.meta.url));

/**
 * Bundles a program with all its imports, including the AWS SDK, into a folder. Returns the ids (absolute paths) of the
 * bundled modules.
 *
 * @param {object} options
 * @param {string} options.cwd
 * @param {Record<string, string>} options.input
 * @param {string} options.dir
 * @param {boolean} options.grouped
 * @param {import('rolldown').Plugin[]} [options.plugins] Additional plugins, for builds other than crc's own.
 */
export async function bundle({ cwd, input, dir, grouped, plugins = [] }) {
  const build = await rolldown({
    cwd,
    input,
    platform: 'node',
    // esbuild is a native executable for each platform, which npm installs next to crc.
    plugins: [...plugins, withoutExecutables, withoutDebug, shortPackageJson],
    external: (id, importer) => id === 'esbuild' || (id.startsWith('node:') && !startsExecutables(id, importer)),
    resolve: { mainFields: ['module', 'main'] },
    transform: { target: 'node20' },
    logLevel: 'warn',
    onLog: (level, log, handle) => {
      // Third-party packages contain circular imports and `eval`.
      if (log.code === 'CIRCULAR_DEPENDENCY' || log.code === 'EVAL') return;
      // A module that is imported both statically and dynamically is loaded early, which is harmless.
      if (log.code === 'INEFFECTIVE_DYNAMIC_IMPORT') return;
      handle(level, log);
    },
  });
  /** @type {import('rolldown').OutputOptions} */
  const format = {
    // Node's ES module loader alone takes a tenth of the time of `node -e 0`, plus a little for each file.
    format: 'cjs',
    // `require` instead of `import()` for esbuild, the only external package, so that the ES module loader is never
    // started.
    dynamicImportInCjs: false,
    comments: { legal: false },
    // Less code to compile and to install. The names of functions and classes stay, so that stack traces in bug reports
    // are readable.
    minify: { compress: { keepNames }, mangle: { keepNames }, codegen: { removeWhitespace: true } },
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
  };
  const codeSplitting = grouped && {
    groups: groupsOf(chunksOf(await build.generate({ ...format, codeSplitting: true }))),
  };
  return chunksOf(await build.write({ ...format, dir, codeSplitting })).flatMap(({ moduleIds }) => moduleIds);
}

const keepNames = { function: true, class: true };

/** @param {import('rolldown').RolldownOutput} built */
function chunksOf({ output }) {
  return output.filter((file) => file.type === 'chunk');
}
