import { posix } from 'node:path';
import { abbreviated } from '../enumerated.ts';
import { groupBy } from '../group-by.ts';
import { COMMANDS, type PackageManager } from '../package-manager.ts';
import { isPython } from './handler.ts';
import type { PackageFile } from './package-file.ts';
import { type PipTarget, pipCommand } from './pip.ts';

/** The maximum number of paths in a text. */
const MAX_PATHS = 3;

/** Processors of Linux binaries, by their number in the header. https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
const MACHINES: ReadonlyMap<number, string> = new Map([
  [0x3e, 'x86_64'],
  [0xb7, 'arm64'],
]);

/**
 * A warning about native modules that were installed for another system, processor or Python, such as the developer's
 * own machine: Lambda cannot load them. Libraries with a module for each system, of which one fits, are not mentioned.
 */
export function binaryWarnings(
  files: readonly PackageFile[],
  target: PipTarget & { readonly manager: PackageManager },
): readonly string[] {
  const modules = files.filter(({ path }) => /\.(node|pyd|so(\.\d+)*)$/.test(path));
  const unfit = [...groupBy(modules, ({ path }) => moduleOf(path)).values()].flatMap((variants) => {
    const purposes = variants.map((file) => ({ path: file.path, other: otherPurpose(file, target) }));
    return purposes.every(({ other }) => other !== undefined) ? purposes : [];
  });
  if (unfit.length === 0) return [];
  const named = unfit.map(({ path, other }) => `${path} (for ${other})`);
  const { runtime, architecture } = target;
  const install = isPython(runtime) ? `\`${pipCommand(target, 'NAME')} --upgrade\`` : installForLambda(target);
  return [
    `Lambda cannot load ${abbreviated(named, MAX_PATHS)}, since the function runs on ${[
      'Linux',
      ...(architecture === undefined ? [] : [architecture]),
      ...(isPython(runtime) ? [runtime] : []),
    ].join(', ')}; install the library for it: ${install}`,
  ];
}

function installForLambda({ architecture, manager }: Parameters<typeof binaryWarnings>[1]): string {
  const cpu = architecture === undefined ? undefined : architecture === 'arm64' ? 'arm64' : 'x64';
  // https://yarnpkg.com/configuration/yarnrc#supportedArchitectures
  if (manager === 'yarn') {
    return `add linux${cpu === undefined ? '' : ` and ${cpu}`} to "supportedArchitectures" in .yarnrc.yml, then run \`yarn install\``;
  }
  return `\`${COMMANDS[manager].add} --os=linux${cpu === undefined ? '' : ` --cpu=${cpu}`} NAME\``;
}

/** In names of npm packages that contain a native module for one system: `@img/sharp-linux-arm64`, `@esbuild/linux-x64`. */
const SYSTEM =
  /(^|-)(android|darwin|freebsd|linux(-?musl)?|win32|arm|arm64|ia32|ppc64le?|riscv64|s390x|universal|x64|x86_64|gnu|gnueabihf|msvc|musl|musleabihf)(?=-|$)/g;

/** What variants of one native module have in common: the npm package without its system, or the file without its tags. */
function moduleOf(path: string): string {
  const [, scope = '', name] = /^.*node_modules\/(@[^/]+\/)?([^/]+)\//.exec(path) ?? [];
  return name !== undefined
    ? scope + name.replace(SYSTEM, '')
    : posix.join(posix.dirname(path), posix.basename(path).replace(/\..*$/, ''));
}

/** What a native module is for, if Lambda cannot load it: `macOS`, `Linux on x86_64`, `Python 3.11`. */
function otherPurpose({ path, bytes }: PackageFile, { runtime, architecture }: PipTarget): string | undefined {
  const [first = 0, second = 0, third = 0, fourth = 0] = bytes;
  const magic = [first, second, third, fourth].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  if (/^(cffaedfe|cefaedfe|cafebabe)$/.test(magic)) return 'macOS';
  if (magic.startsWith('4d5a')) return 'Windows';
  if (magic !== '7f454c46') return undefined;
  // The C library of Alpine, as in the names of wheels' modules and of npm packages. Lambda has glibc.
  if (/linux-?musl/.test(path)) return 'Alpine Linux';
  const machine = MACHINES.get((bytes[18] ?? 0) + 256 * (bytes[19] ?? 0)) ?? 'another processor';
  if (architecture !== undefined && machine !== architecture) return `Linux on ${machine}`;
  const [, major, minor] = /\.cpython-(\d)(\d+)-/.exec(path) ?? [];
  const python = major === undefined ? undefined : `${major}.${minor}`;
  return python === undefined || runtime === `python${python}` ? undefined : `Python ${python}`;
}
