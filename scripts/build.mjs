/**
 * Bundles crc with the AWS SDK inside, so that a user installs one package and Node opens a handful of files.
 * Code splitting keeps each command's imports out of the others' start-up.
 */
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = new URL('..', import.meta.url);
rmSync(new URL('dist', root), { recursive: true, force: true });

await build({
  absWorkingDir: fileURLToPath(root),
  entryPoints: ['src/cli.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: false,
  legalComments: 'none',
  logLevel: 'warning',
  // A program of its own for each platform, which npm installs beside crc.
  external: ['esbuild'],
  // CommonJS packages inside an ESM bundle still call require() for Node's own modules.
  banner: {
    js: "import { createRequire as crcRequire } from 'node:module'; const require = crcRequire(import.meta.url);",
  },
});

// What runs a function on this machine is started as a program, so it stays a file.
cpSync(new URL('src/lambda/runners', root), new URL('dist/runners', root), { recursive: true });
