import { rolldown } from 'rolldown';

/**
 * What is loaded together is one file: each file more costs a command some tenths of a millisecond, and each kilobyte that it
 * does not need some more. `cli.cjs` has what every command needs; of the groups an earlier one wins, and takes along what its
 * modules import.
 */
const GROUPS = [
  { name: 'errors', test: /src\/(errors|command-names|ui\/(process-)?io)\.ts$|package\.json$/ },
  { name: 'text', test: /src\/ui\/(text|json|values)\.ts$|node_modules\/picocolors\// },
  {
    name: 'config',
    test: /node_modules\/(zod|jsonc-parser)\/|src\/(config|policies|terraform)\/|src\/aws\/names\.ts$|src\/commands\/endpoint\.ts$/,
  },
  // All that a command needs which asks AWS; the services' clients and the resources are loaded when they are due.
  {
    name: 'aws',
    test: /node_modules\/(@smithy\/(?!credential-provider-imds|core\/dist-es\/submodules\/event-streams)|@aws-sdk\/(core|checksums|credential-provider-node|credential-provider-env|middleware|util|types)|p-limit|yocto-queue)|src\/(engine|trust)\/|src\/resources\/(context|index|function-ids|permissions)\.ts$|src\/aws\/(?!discover|live-trust|proxy-agents)[\w-]+\.ts$|src\/ui\/(progress|confirm|annotations|markdown|removal|smoke|outputs)\.ts$|src\/commands\/(bootstrap|verify|converge|session|connection|interruption|deploy-function|destroy|export|invoke|outputs|permissions|functions|memory)\.ts$/,
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
 * @param {{ cwd: string, input: Record<string, string>, dir: string, grouped: boolean }} options
 */
export async function bundle({ cwd, input, dir, grouped }) {
  const build = await rolldown({
    cwd,
    input,
    platform: 'node',
    // esbuild is a program of its own for each platform, which npm installs beside crc.
    plugins: [withoutExecutables, withoutDebug],
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
            groups: GROUPS.map((group, index) => ({ ...group, priority: GROUPS.length - index })),
          },
        }
      : { codeSplitting: false }),
  });
  return output.flatMap((one) => (one.type === 'chunk' ? one.moduleIds : []));
}
