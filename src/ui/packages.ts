import pc from 'picocolors';
import stringWidth from 'string-width';
import { shown } from './foreign.ts';

/** What a function's package contains, and what it leaves out. */
export interface PackageView {
  readonly functionName: string;
  /** With readable sizes: `3.1 kB`. */
  readonly files: readonly { readonly path: string; readonly size: string }[];
  /** Size of the zip. */
  readonly zipped: string;
  readonly leftOut: readonly string[];
}

/** Everything in the packages, and what was left out. */
export function packagesText(views: readonly PackageView[], color: boolean): string {
  const { dim } = pc.createColors(color);
  return shown(views)
    .map(({ functionName, files, zipped, leftOut }) => {
      const width = Math.max(0, ...files.map(({ path }) => stringWidth(path)));
      const lines = [
        `Package of ${functionName}: ${files.length === 1 ? '1 file' : `${files.length} files`}, ${zipped} zipped`,
        ...files.map(({ path, size }) => `  ${path}${' '.repeat(width - stringWidth(path))}  ${dim(size)}`),
        ...(leftOut.length === 0 ? [] : ['  left out:', ...leftOut.map((path) => `    ${path}`)]),
      ];
      return `\n${lines.join('\n')}\n`;
    })
    .join('');
}
