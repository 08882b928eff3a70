import { describe, expect, it } from 'vitest';
import { binaryWarnings } from '../../src/package/native-binaries.ts';
import type { PackageManager } from '../../src/package-manager.ts';
import { crcErrorOf, nodePackage, pythonPackage } from '../helpers/packages.ts';

/** The first bytes of a binary for Linux, with the number of its processor. */
function elf(machine: number): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  bytes[18] = machine;
  return bytes;
}

const X86_64 = elf(0x3e);
const ARM64 = elf(0xb7);
const MACOS = Uint8Array.of(0xcf, 0xfa, 0xed, 0xfe, 0, 0, 0, 0);
const WINDOWS = Uint8Array.of(0x4d, 0x5a, 0, 0);

const warningsOf = (
  files: Readonly<Record<string, Uint8Array>>,
  {
    runtime = 'python3.13',
    architecture,
    manager = 'npm',
  }: { readonly runtime?: string; readonly architecture?: string; readonly manager?: PackageManager } = {},
) =>
  binaryWarnings(
    Object.entries(files).map(([path, bytes]) => ({ path, bytes })),
    { source: 'fn', runtime, architecture, manager },
  );

describe('native modules that Lambda cannot load', () => {
  it.each([
    ['for macOS', 'core/_core.cpython-313-darwin.so', MACOS, 'arm64', 'macOS'],
    ['for Windows', 'core/_core.cp313-win_amd64.pyd', WINDOWS, 'arm64', 'Windows'],
    ['for another processor', '_cffi.cpython-313-x86_64-linux-gnu.so', X86_64, 'arm64', 'Linux on x86_64'],
    ['for Alpine', 'core/_core.cpython-313-x86_64-linux-musl.so', X86_64, 'x86_64', 'Alpine Linux'],
    ['for another Python', '_cffi.cpython-311-x86_64-linux-gnu.so', X86_64, 'x86_64', 'Python 3.11'],
    ['for macOS, wherever Lambda runs it', 'core/_core.abi3.so', MACOS, undefined, 'macOS'],
  ])('are listed: %s', (_, path, bytes, architecture, other) => {
    const [warning, ...more] = warningsOf({ [path]: bytes }, { architecture });
    expect([warning, more]).toEqual([expect.stringContaining(`Lambda cannot load ${path} (for ${other}), since`), []]);
    const machine = architecture === 'arm64' ? 'aarch64' : 'x86_64';
    expect(warning).toContain(
      `pip install NAME --target fn --platform manylinux2014_${machine} --platform manylinux_2_28_${machine} --python-version 3.13`,
    );
  });

  it.each([
    ['the right processor', { 'a.cpython-313-aarch64-linux-gnu.so': ARM64, 'b.libs/c.so.1.2': ARM64 }, 'arm64'],
    ['any Python', { 'a.abi3.so': X86_64, 'b.so': X86_64 }, 'x86_64'],
    ['any processor, if crc does not manage that', { 'a.so': X86_64, 'b.so': ARM64 }, undefined],
    ['other files', { 'a.dylib': MACOS, 'b.py': MACOS, 'c.so': Buffer.from('GROUP ( libc.so.6 )') }, 'arm64'],
    ['one variant of several', { 'a/x.cpython-313-darwin.so': MACOS, 'a/x.abi3.so': ARM64 }, 'arm64'],
  ])('are not those for %s', (_, files, architecture) => {
    expect(warningsOf(files, { architecture })).toEqual([]);
  });

  it('are those of npm packages of which no binary fits', () => {
    const files = {
      'node_modules/a/prebuilds/darwin-arm64/a.node': MACOS,
      'node_modules/a/prebuilds/linux-arm64/a.node': ARM64,
      'node_modules/@b/c/build/Release/c.node': MACOS,
    };
    expect(warningsOf(files, { runtime: 'nodejs24.x', architecture: 'arm64' })).toEqual([
      'Lambda cannot load node_modules/@b/c/build/Release/c.node (for macOS), since the function runs on Linux, arm64; install the library for it: `npm install --os=linux --cpu=arm64 NAME`',
    ]);
  });

  it.each<readonly [PackageManager, string]>([
    ['pnpm', '`pnpm add --os=linux --cpu=arm64 NAME`'],
    ['bun', '`bun add --os=linux --cpu=arm64 NAME`'],
    ['yarn', 'add linux and arm64 to "supportedArchitectures" in .yarnrc.yml, then run `yarn install`'],
  ])('say how %s installs the library for Lambda', (manager, command) => {
    const files = { 'node_modules/c/build/Release/c.node': MACOS };
    const [warning] = warningsOf(files, { runtime: 'nodejs24.x', architecture: 'arm64', manager });
    expect(warning?.split('; ').at(-1)).toBe(`install the library for it: ${command}`);
  });

  it('are not those of npm packages of which each is for one system, if one of them fits', () => {
    const files = {
      'node_modules/@img/sharp-darwin-arm64/lib/sharp-darwin-arm64.node': MACOS,
      'node_modules/@img/sharp-linux-arm64/lib/sharp-linux-arm64.node': ARM64,
      'node_modules/@img/sharp-linuxmusl-arm64/lib/sharp-linuxmusl-arm64.node': ARM64,
      'node_modules/@b/darwin-x64/b.node': MACOS,
      'node_modules/@b/linux-arm64/b.node': ARM64,
      'node_modules/c-linux-arm64-gnu/c.node': ARM64,
      'node_modules/c-linux-arm64-musl/c.node': ARM64,
      'node_modules/d-darwin-arm64/d.node': MACOS,
    };
    expect(warningsOf(files, { runtime: 'nodejs24.x', architecture: 'arm64' })).toEqual([
      expect.stringMatching(/^Lambda cannot load node_modules\/d-darwin-arm64\/d\.node \(for macOS\), since/),
    ]);
  });

  it('are counted, if there are many', () => {
    const files = Object.fromEntries([1, 2, 3, 4, 5].map((index) => [`a/${index}.so`, MACOS]));
    expect(warningsOf(files)).toEqual([expect.stringMatching(/ a\/3\.so \(for macOS\) and 2 more, since /)]);
  });

  it('are a warning of the package', async () => {
    const python = pythonPackage({ 'app.py': 'def handler(e, c): pass\n', 'core/a.so': MACOS });
    expect((await python.build()).warnings).toEqual([expect.stringContaining('core/a.so (for macOS)')]);
    const node = nodePackage(
      {
        'index.js': 'export const handler = () => 1;\n',
        'node_modules/a/package.json': '{}',
        'node_modules/a/a.node': X86_64,
      },
      { external: ['a'], architecture: 'arm64' },
    );
    expect((await node.build()).warnings).toContainEqual(
      expect.stringContaining('node_modules/a/a.node (for Linux on x86_64)'),
    );
  });
});

describe('the command for missing libraries', () => {
  const hintFor = async (runtime: string, architecture?: string) => {
    const { again } = nodePackage({ 'app.py': 'def handler(e, c): pass\n', 'requirements.txt': 'numpy\n' });
    return (await crcErrorOf(again({ runtime, handler: 'app.handler', architecture }).build())).hint;
  };

  it('is for the architecture of the function, and for wheels that its Linux can load', async () => {
    expect(await hintFor('python3.13', 'arm64')).toMatch(
      /--target fn --platform manylinux2014_aarch64 --platform manylinux_2_28_aarch64 --python-version 3\.13 --only-binary=:all:`\. If/,
    );
    expect(await hintFor('python3.11', 'x86_64')).toMatch(/--platform manylinux2014_x86_64 --python-version 3\.11 /);
    expect(await hintFor('python3.13')).toContain('(aarch64 instead of x86_64 for arm64)');
  });
});
