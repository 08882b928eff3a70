import { posix } from 'node:path';
import type { PackageFile } from './package-file.ts';

/** As recorded by pip, which installs for `--target` in another folder first, and by uv. */
const SCRIPT = /^(?:\.\.\/\.\.\/)?(bin\/[^/,]+),/;

/** The number of bytes that show what runs a script. */
const START = 512;

/**
 * The files without the commands that pip and uv write for libraries, and without their lines in the libraries' RECORD:
 * they start with the path of this machine's Python, so the same libraries would be another package on each machine.
 * https://packaging.python.org/en/latest/specifications/recording-installed-packages/
 */
export function withoutScripts(files: readonly PackageFile[]): {
  readonly files: readonly PackageFile[];
  readonly leftOut: readonly string[];
} {
  const records = files.filter(({ path }) => /\.dist-info\/RECORD$/.test(path));
  if (records.length === 0) return { files, leftOut: [] };
  const recorded = new Set(
    records.flatMap(({ path, bytes }) =>
      textOf(bytes)
        .split('\n')
        .flatMap((line) => scriptOf(line, path) ?? []),
    ),
  );
  const leftOut = new Set(files.filter((file) => recorded.has(file.path) && isScript(file)).map(({ path }) => path));
  return {
    files: files
      .filter(({ path }) => !leftOut.has(path))
      .map((file) => (records.includes(file) ? withoutLines(file, leftOut) : file)),
    leftOut: [...leftOut],
  };
}

function scriptOf(line: string, record: string): string | undefined {
  const script = SCRIPT.exec(line)?.[1];
  return script === undefined ? undefined : posix.join(posix.dirname(posix.dirname(record)), script);
}

/** Not a program or a shell script that a library brings. A long path is in the second line, which a shell runs. */
function isScript({ bytes }: PackageFile): boolean {
  return /^#!(?:[^\n]*py|\/bin\/sh\r?\n'''exec' )/.test(textOf(bytes.subarray(0, START)));
}

function withoutLines({ path, bytes }: PackageFile, leftOut: ReadonlySet<string>): PackageFile {
  const lines = textOf(bytes).split('\n');
  const kept = lines.filter((line) => !leftOut.has(scriptOf(line, path) ?? ''));
  return kept.length === lines.length ? { path, bytes } : { path, bytes: Buffer.from(kept.join('\n')) };
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
