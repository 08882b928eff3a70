import { join } from 'node:path';
import { manifestOf } from '../package/test-script.ts';
import { COMMANDS, type PackageManager } from '../package-manager.ts';
import { counterTools } from './counter.ts';
import { contentOf, type Draft } from './files.ts';
import { extendedManifest, hasScript, type Manifest, type ManifestNeeds, newManifest } from './manifest.ts';

export interface ToolsInput {
  /** Absolute folder of the project. */
  readonly folder: string;
  /** The folder of a TypeScript function with crc's code; undefined if there is none. */
  readonly typescript: string | undefined;
  /** The folder of a Python function with crc's code; undefined if there is none. */
  readonly python: string | undefined;
  /** The version of crc. */
  readonly version: string;
}

/** The script for the tests of all functions, as crc writes it to a package.json. */
const TEST_SCRIPT = 'vitest run --dir functions';

/**
 * package.json and tsconfig.json for `npx crc`, the config's schema, and the function's tests and type check. They are
 * at the top of the project unless its package.json has its own tests; then the function gets a separate package.
 * @throws CrcError for a package.json that is not valid JSON.
 */
export async function toolDrafts({ folder, typescript, python, version }: ToolsInput): Promise<readonly Draft[]> {
  const text = await contentOf(join(folder, 'package.json'), 'package.json');
  const manifest = text === undefined ? {} : manifestOf(text, 'package.json');
  const crc = { 'crc-bootstrap': `^${version}` };
  const top = (needs: ManifestNeeds) => manifestDraft(text, manifest, needs);
  if (typescript === undefined) {
    const scripts: Record<string, string> = python === undefined ? {} : { test: pythonTests(python) };
    return [top({ scripts, devDependencies: crc })];
  }
  const { devDependencies, compilerOptions } = await counterTools();
  const own = { path: `${typescript}/tsconfig.json`, content: jsonText({ compilerOptions }) };
  if (hasScript(manifest, 'test') && !hasScript(manifest, 'test', TEST_SCRIPT)) {
    const scripts = { test: 'vitest run', typecheck: 'tsc --noEmit' };
    return [
      top({ scripts: {}, devDependencies: crc }),
      { path: `${typescript}/package.json`, content: newManifest({ scripts, devDependencies }) },
      own,
    ];
  }
  const shared = { path: 'tsconfig.json', content: jsonText({ compilerOptions, include: ['functions'] }) };
  const there = await contentOf(join(folder, shared.path), shared.path);
  const isShared = there === undefined || there === shared.content;
  const typecheck = `tsc --noEmit${isShared ? '' : ` --project ${typescript}`}`;
  return [
    top({ scripts: { test: TEST_SCRIPT, typecheck }, devDependencies: { ...crc, ...devDependencies } }),
    isShared ? shared : own,
  ];
}

/** The commands that check the function, run in the project folder once the drafts are written. */
export function checksOf(
  drafts: readonly Draft[],
  { typescript, python, manager }: Pick<ToolsInput, 'typescript' | 'python'> & { readonly manager: PackageManager },
): readonly string[] {
  if (typescript !== undefined) {
    const isOwn = drafts.some(({ path }) => path === `${typescript}/package.json`);
    if (isOwn) return [`npm test --prefix ${typescript}`, `npm run typecheck --prefix ${typescript}`];
    return [COMMANDS[manager].test, `${manager} run typecheck`];
  }
  if (python === undefined) return [];
  const top = drafts.find(({ path }) => path === 'package.json')?.content ?? '{}';
  const isTop = hasScript(manifestOf(top, 'package.json'), 'test', pythonTests(python));
  return [isTop ? COMMANDS[manager].test : pythonTests(python)];
}

function pythonTests(folder: string): string {
  return `python3 -m unittest discover --start-directory ${folder}`;
}

function manifestDraft(text: string | undefined, manifest: Manifest, needs: ManifestNeeds): Draft {
  const path = 'package.json';
  if (text === undefined) return { path, content: newManifest(needs) };
  const extended = extendedManifest(text, manifest, needs);
  return { path, content: extended.text, adds: `adds ${extended.added.join(', ')}` };
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
