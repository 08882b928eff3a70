import { rolldown } from 'rolldown';

/**
 * What is loaded together is one file: each file more costs a command some tenths of a millisecond, and each kilobyte that it
 * does not need some more. `cli.cjs` has what every command needs; of the groups an earlier one wins, and takes along what its
 * modules import.
 */
const GROUPS = [
  {
    name: 'errors',
    files: ['errors', 'closest', 'ui/io', 'ui/process-io'],
    others: /package\.json$|node_modules\/fastest-levenshtein\//,
  },
  {
    name: 'program',
    files: [
      'program',
      'commands/definitions/*',
      ...['index', 'command', 'options', 'flags'].map((file) => `commands/${file}`),
    ],
    others: /node_modules\/commander\//,
  },
  {
    name: 'text',
    files: [...['text', 'json', 'values', 'print', 'summary', 'result'].map((file) => `ui/${file}`), 'commands/next'],
    others: /node_modules\/picocolors\//,
  },
  {
    name: 'config',
    files: [
      'config/*',
      'policies/*',
      'terraform/*',
      'aws/names',
      'aws/regions',
      'aws/region-names',
      'commands/endpoint',
    ],
    others: /node_modules\/(zod|jsonc-parser)\//,
  },
  // All that a command needs which asks AWS; the services' clients and the resources are loaded when they are due.
  {
    name: 'aws',
    files: [
      'engine/*',
      'trust/*',
      'aws/*',
      ...['index', 'function/ids', 'permissions'].map((file) => `resources/${file}`),
      ...[
        'plan',
        'changes',
        'wanted',
        'progress',
        'confirm',
        'annotations',
        'markdown',
        'removal',
        'smoke',
        'outputs',
      ].map((file) => `ui/${file}`),
      ...['bootstrap', 'verify', 'deploy-function', 'destroy', 'export', 'invoke', 'outputs', 'permissions'].map(
        (file) => `commands/${file}`,
      ),
      ...['frame', 'converge', 'session', 'selection', 'status', 'views'].map((file) => `commands/${file}`),
      ...['connection', 'interruption', 'functions', 'memory'].map((file) => `commands/${file}`),
    ],
    // For init, for explain, and behind a proxy.
    except: ['aws/discover', 'aws/live-trust', 'aws/proxy-agents'],
    others:
      /node_modules\/(@smithy\/(?!credential-provider-imds|core\/dist-es\/submodules\/event-streams)|@aws-sdk\/(core|checksums|credential-provider-node|credential-provider-env|middleware|util|types)|p-limit|yocto-queue)/,
  },
];

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
    ...(grouped
      ? {
          codeSplitting: {
            groups: GROUPS.map((group, index) => ({
              name: group.name,
              test: (id) => isIn(group, id),
              priority: GROUPS.length - index,
            })),
          },
        }
      : { codeSplitting: false }),
  });
  const modules = output.flatMap((one) => (one.type === 'chunk' ? one.moduleIds : []));
  if (grouped) checkNames(modules);
  return modules;
}

/**
 * @param {typeof GROUPS[number]} group
 * @param {string} id
 */
function isIn({ files, except = [], others }, id) {
  return others.test(id) || (files.some((file) => isNamed(file, id)) && !except.some((file) => isNamed(file, id)));
}

/**
 * `ui/text` is a file of src, `config/*` each file of one folder.
 *
 * @param {string} name
 * @param {string} id
 */
function isNamed(name, id) {
  const [, path] = /\/src\/(.+)\.ts$/.exec(id) ?? [];
  if (path === undefined || id.includes('/node_modules/')) return false;
  return path === name || `${path.slice(0, path.lastIndexOf('/'))}/*` === name;
}

/**
 * A file that was renamed would fall out of its group without a word, and start-up would be slower.
 *
 * @param {readonly string[]} modules
 */
function checkNames(modules) {
  const names = GROUPS.flatMap(({ files, except = [] }) => [...files, ...except]);
  const unknown = names.filter((name) => !modules.some((id) => isNamed(name, id)));
  if (unknown.length > 0)
    throw new Error(`scripts/bundle.mjs groups files that are not in the bundle: ${unknown.join(', ')}`);
}
