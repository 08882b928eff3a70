const { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } = require('node:fs');
const { basename, dirname, join } = require('node:path');
const { Script } = require('node:vm');

/** Source code below this length compiles as fast as its compiled form is read. In UTF-16 code units. */
const MIN_SOURCE_LENGTH = 2_000;
const CHECKSUM_BYTES = 4;
/** Of Node or of V8's flags. Each takes up to 4 MB. */
const MAX_VERSIONS = 8;

/**
 * Loads a file like `require`, together with the files of its folder that it requires, and stores the compiled form of
 * those that are required later, for later runs: compiling them takes a seventh of the time of `crc verify`. It is stored
 * next to the files, where only those can write who can change the code itself.
 *
 * Node's own `module.enableCompileCache()` saves less, and Node 20 lacks it.
 * NODE_DISABLE_COMPILE_CACHE turns off both (https://nodejs.org/api/cli.html#node_disable_compile_cache1).
 *
 * @param {string} entry Absolute path.
 * @returns {any} What it exports.
 */
function requireCompiled(entry) {
  if (!isSupported()) return require(entry);
  const folder = dirname(entry);
  /** @type {Map<string, { exports: unknown }>} */
  const modules = new Map();
  /** @type {ReturnType<typeof openCache> | undefined} */
  let cache;
  let isStarted = false;

  /** @param {string} id */
  function load(id) {
    if (!id.startsWith('./')) return require(id);
    const path = join(folder, id);
    const loaded = modules.get(path);
    if (loaded !== undefined) return loaded.exports;
    const module = { exports: {} };
    modules.set(path, module);
    try {
      compile(path).runInThisContext().call(module.exports, module.exports, load, module, path, folder);
    } catch (error) {
      modules.delete(path);
      throw error;
    }
    return module.exports;
  }
  // Libraries use `require.resolve` and the like.
  Object.assign(load, require);

  /** @param {string} path */
  function compile(path) {
    const source = readFileSync(path, 'utf8');
    // What even `crc --version` loads compiles faster than Node loads the modules that the cache needs.
    if (!isStarted || source.length < MIN_SOURCE_LENGTH) return scriptOf(path, source);
    cache ??= openCache(folder);
    return cache.compile(path, source);
  }

  const entryExports = load(`./${basename(entry)}`);
  isStarted = true;
  return entryExports;
}

/** Node before 20.15 has no crc32. Bun and Deno have an engine or a loader of their own. */
function isSupported() {
  const { node, bun, deno } = process.versions;
  const [major = 0, minor = 0] = node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 15) || bun !== undefined || deno !== undefined) return false;
  return !process.env.NODE_DISABLE_COMPILE_CACHE;
}

/**
 * @param {string} path
 * @param {string} source
 * @param {Buffer} [cachedData]
 */
function scriptOf(path, source, cachedData) {
  return new Script(`(function (exports, require, module, __filename, __dirname) {\n${source}\n})`, {
    filename: path,
    lineOffset: -1,
    ...(cachedData && { cachedData }),
  });
}

/**
 * The compiled forms of a folder's files, for this version of Node and V8's flags. What is missing is written when the
 * process exits: V8 compiles a function when it is first called, so only then is everything compiled that runs need.
 * Node patches V8 without a change of V8's version.
 *
 * @param {string} folder
 */
function openCache(folder) {
  const { cachedDataVersionTag } = require('node:v8');
  const version = cachedDataVersionTag();
  const cache = join(folder, 'compiled', `${process.version}-${process.arch}-${version.toString(16)}`);
  /** @type {Map<string, { script: Script, source: string }>} */
  const uncached = new Map();
  process.once('exit', () => {
    // What src/memory.ts sets is a flag, so that code compiled in such a run is of no use to the next one.
    if (uncached.size === 0 || cachedDataVersionTag() !== version) return;
    ifPossible(() => isOwn(folder) && writeCompiled(cache, uncached));
  });
  return {
    /**
     * @param {string} path
     * @param {string} source
     */
    compile(path, source) {
      const name = basename(path);
      const cachedData = readCompiled(join(cache, name), source);
      const script = scriptOf(path, source, cachedData);
      if (cachedData === undefined || script.cachedDataRejected) uncached.set(name, { script, source });
      return script;
    },
  };
}

/**
 * With sudo, crc would leave files in a project's node_modules that its owner cannot delete.
 *
 * @param {string} folder
 */
function isOwn(folder) {
  const user = process.getuid?.();
  return user === undefined || statSync(folder).uid === user;
}

/**
 * V8 does not notice that compiled code is damaged, and recognizes its source by the length alone.
 *
 * @param {string} source
 * @param {Buffer} compiled
 */
function checksumOf(source, compiled) {
  const { crc32 } = require('node:zlib');
  return crc32(compiled, crc32(source));
}

/**
 * @param {string} path
 * @param {string} source
 */
function readCompiled(path, source) {
  // A pipe would never end.
  const content = ifPossible(() => (lstatSync(path).isFile() ? readFileSync(path) : undefined));
  if (content === undefined || content.length < CHECKSUM_BYTES) return undefined;
  const compiled = content.subarray(CHECKSUM_BYTES);
  return content.readUInt32LE() === checksumOf(source, compiled) ? compiled : undefined;
}

/**
 * Runs at the same time may write the same files: one that is incomplete has a wrong checksum. Nothing is written to where
 * a link leads, and no one else may write, even with the umask 0 of GitLab's runners.
 *
 * @param {string} folder
 * @param {ReadonlyMap<string, { script: Script, source: string }>} scripts
 */
function writeCompiled(folder, scripts) {
  const versions = dirname(folder);
  const options = { recursive: true, mode: 0o755 };
  if (mkdirSync(folder, options) !== undefined && readdirSync(versions).length > MAX_VERSIONS) {
    rmSync(versions, { recursive: true });
    mkdirSync(folder, options);
  }
  for (const [name, { script, source }] of scripts) {
    const compiled = script.createCachedData();
    const checksum = Buffer.alloc(CHECKSUM_BYTES);
    checksum.writeUInt32LE(checksumOf(source, compiled));
    const path = join(folder, name);
    rmSync(path, { force: true });
    writeFileSync(path, Buffer.concat([checksum, compiled]), { flag: 'wx', mode: 0o644 });
  }
}

/**
 * Returns undefined after an error of the system or of Node's permission model, such as a folder that cannot be written:
 * without the cache, crc is only slower.
 *
 * @template T
 * @param {() => T} action
 */
function ifPossible(action) {
  try {
    return action();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

module.exports = { requireCompiled };
