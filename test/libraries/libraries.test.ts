import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { invokeLocally } from '../../src/invoke/local.ts';
import { functionPackage, sizeText } from '../../src/package/package.ts';
import { folderWith } from '../helpers/folder.ts';
import { localInvocation } from '../helpers/local.ts';
import { NODE_CASES, PYTHON_CASES } from './cases.ts';

/** Written to docs/libraries.md: `npm run test:libraries` is run by hand, for it installs what it tests. */
interface Row {
  readonly name: string;
  readonly version: string;
  readonly size: string;
  readonly needs: string;
  readonly same: boolean;
}

const rows: Record<'node' | 'python', Row[]> = { node: [], python: [] };
const ANSWER = '\0answer ';

const nodeText = ({ imports, answer }: { imports: string; answer: string }) =>
  `${imports}\nexport const handler = async () => ({ answer: ${answer} });\n`;
const pythonText = ({ imports, answer }: { imports: string; answer: string }) =>
  `${imports}\n\n\ndef handler(event, context):\n    return {"answer": ${answer}}\n`;

function answerIn(stdout: string, stderr: string): unknown {
  const found = stdout.split(ANSWER)[1];
  if (found === undefined) throw new Error(`the library itself does not run: ${stderr.slice(-800)}`);
  return JSON.parse(found);
}

describe('packages of npm', () => {
  const root = folderWith(
    Object.fromEntries([
      ['package.json', '{"private":true,"type":"module"}'],
      ...NODE_CASES.map((one) => [`fn/${one.name.replace('/', '-')}/index.mjs`, nodeText(one)]),
    ]),
  );

  beforeAll(() => {
    const names = [...new Set(NODE_CASES.flatMap(({ name, also = [] }) => [name, ...also]))];
    const { status, stderr } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...names], {
      cwd: root,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
  }, 600_000);

  it.each(NODE_CASES)('$name answers from the bundle as it answers in Node', async ({ name, external = [] }) => {
    const source = `fn/${name.replace('/', '-')}`;
    const folder = join(root, source);
    const script = `import('./index.mjs').then(async ({ handler }) => { process.stdout.write(${JSON.stringify(ANSWER)} + JSON.stringify(await handler())); process.exit(0); })`;
    const plain = spawnSync(process.execPath, ['-e', script], { cwd: folder, encoding: 'utf8' });
    const wanted = answerIn(plain.stdout, plain.stderr);
    const built = await functionPackage({
      root,
      source,
      runtime: 'nodejs24.x',
      handler: 'index.handler',
      external,
    }).build();
    const result = await invokeLocally(localInvocation({ files: built.files, folder: join(root, 'nowhere') }));
    const same =
      'payload' in result &&
      result.functionError === undefined &&
      JSON.stringify(JSON.parse(result.payload)) === JSON.stringify(wanted);
    const { version } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
    rows.node.push({
      name,
      version,
      size: sizeText(built.zip.length),
      needs: external.length === 0 ? '' : '`external`',
      same,
    });
    expect(result).toMatchObject({ payload: JSON.stringify(wanted), functionError: undefined });
  });
});

describe('wheels of Python', () => {
  it.each(PYTHON_CASES)('$name answers from the package as it answers in Python', async (one) => {
    const root = folderWith({ 'fn/app.py': pythonText(one), 'fn/requirements.txt': `${one.name}\n` });
    const folder = join(root, 'fn');
    const installed = spawnSync('pip', ['install', '--quiet', '--no-compile', '--target', folder, one.name], {
      encoding: 'utf8',
    });
    if (installed.status !== 0) throw new Error(installed.stderr);
    const script = `import json, sys\nsys.path.insert(0, ".")\nimport app\nprint(${JSON.stringify(ANSWER).replace('\\u0000', '\\x00')} + json.dumps(app.handler({}, None)))`;
    const plain = spawnSync('python3', ['-B', '-c', script], { cwd: folder, encoding: 'utf8' });
    const wanted = answerIn(plain.stdout, plain.stderr);
    const built = await functionPackage({ root, source: 'fn', runtime: 'python3.13', handler: 'app.handler' }).build();
    const result = await invokeLocally(
      localInvocation({
        files: built.files,
        folder: join(root, 'nowhere'),
        runtime: 'python3.13',
        handler: 'app.handler',
      }),
    );
    const same =
      'payload' in result &&
      result.functionError === undefined &&
      JSON.stringify(JSON.parse(result.payload)) === JSON.stringify(wanted);
    rows.python.push({
      name: one.name,
      version: versionOf(folder, one.name),
      size: sizeText(built.zip.length),
      needs: '`pip install --target`',
      same,
    });
    expect('payload' in result && [JSON.parse(result.payload), result.functionError]).toEqual([wanted, undefined]);
  });
});

function versionOf(folder: string, name: string): string {
  const words = (text: string) => text.toLowerCase().replace(/[-_.]+/g, '-');
  const info = readdirSync(folder).find(
    (entry) => words(entry).startsWith(`${words(name)}-`) && entry.endsWith('.dist-info'),
  );
  return /-([^-]+)\.dist-info$/.exec(info ?? '')?.[1] ?? '';
}

afterAll(() => {
  if (rows.node.length < NODE_CASES.length || rows.python.length < PYTHON_CASES.length) return;
  const table = (given: readonly Row[]) =>
    [
      '| library | version | package, zipped | needs | |',
      '|---|---|---|---|---|',
      ...given.map(
        ({ name, version, size, needs, same }) =>
          `| ${name} | ${version} | ${size} | ${needs} | ${same ? 'same answer' : 'another answer'} |`,
      ),
    ].join('\n');
  const text = `# Libraries that were tried

\`npm run test:libraries\` installs each library, calls it in a function, and compares the answer of crc's package with that of
plain Node or Python on the same machine. It writes this page. Last run: Node ${process.version}, ${new Date().toISOString().slice(0, 10)}.

## npm

${table(rows.node)}

## Python

${table(rows.python)}
`;
  writeFileSync(fileURLToPath(new URL('../../docs/libraries.md', import.meta.url)), text);
});
