import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { invokeLocally } from '../../src/invoke/local.ts';
import { functionPackage, sizeText } from '../../src/package/package.ts';
import { folderWith } from '../helpers/folder.ts';
import { localInvocation } from '../helpers/local.ts';
import { describeWith } from '../helpers/require.ts';
import { NODE_CASES, PYTHON_CASES } from './cases.ts';

/** A row in docs/libraries.md. `npm run test:libraries` is only run manually, because it installs the libraries. */
interface Row {
  readonly name: string;
  readonly version: string;
  readonly size: string;
  readonly needs: string;
  readonly isSame: boolean;
}

const rows: Record<'node' | 'python', Row[]> = { node: [], python: [] };
const ANSWER = '\0answer ';
const PYTHON = process.platform === 'win32' ? 'python' : 'python3';
const BIN = process.platform === 'win32' ? 'Scripts' : 'bin';

const nodeText = ({ imports, answer }: { imports: string; answer: string }) =>
  `${imports}\nexport const handler = async () => ({ answer: ${answer} });\n`;
const pythonText = ({ imports, answer }: { imports: string; answer: string }) =>
  `${imports}\n\n\ndef handler(event, context):\n    return {"answer": ${answer}}\n`;

function answerIn(stdout: string, stderr: string): unknown {
  const json = stdout.split(ANSWER)[1];
  if (json === undefined) throw new Error(`the library itself does not run: ${stderr.slice(-800)}`);
  return JSON.parse(json);
}

describe('npm packages', () => {
  const root = folderWith(
    Object.fromEntries([
      ['package.json', '{"private":true,"type":"module"}'],
      ...NODE_CASES.map((library) => [`fn/${library.name.replace('/', '-')}/index.mjs`, nodeText(library)]),
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

  it.each(NODE_CASES)('$name gives the same answer from the bundle as in Node', async ({ name, external = [] }) => {
    const source = `fn/${name.replace('/', '-')}`;
    const folder = join(root, source);
    const script = `import('./index.mjs').then(async ({ handler }) => { process.stdout.write(${JSON.stringify(ANSWER)} + JSON.stringify(await handler())); process.exit(0); })`;
    const withoutCrc = spawnSync(process.execPath, ['-e', script], { cwd: folder, encoding: 'utf8' });
    const expected = answerIn(withoutCrc.stdout, withoutCrc.stderr);
    const built = await functionPackage({
      root,
      source,
      runtime: 'nodejs24.x',
      handler: 'index.handler',
      external,
    }).build();
    const result = await invokeLocally(localInvocation({ files: built.files, folder: join(root, 'nowhere') }));
    const isSame =
      'payload' in result &&
      result.functionError === undefined &&
      JSON.stringify(JSON.parse(result.payload)) === JSON.stringify(expected);
    const { version } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
    rows.node.push({
      name,
      version,
      size: sizeText(built.zip.length),
      needs: external.length === 0 ? '' : '`external`',
      isSame,
    });
    expect(result).toMatchObject({ payload: JSON.stringify(expected), functionError: undefined });
  });
});

describeWith('python', 'Python wheels', () => {
  const wheels = folderWith({});
  // Without packages of this machine, which could hide that the package lacks them.
  const emptyFolder = folderWith({});
  const env = { ...process.env, PATH: [join(emptyFolder, BIN), process.env.PATH].join(delimiter) };
  // Some wheels are specific to a version of Python.
  const runtime = `python${versionOfPython().split('.', 2).join('.')}`;

  beforeAll(() => {
    python(['-m', 'venv', '--without-pip', emptyFolder]);
    pip(['download', '--dest', wheels, '--retries', '2', ...PYTHON_CASES.map(({ name }) => name)]);
  });

  it.each(PYTHON_CASES)('$name gives the same answer from the package as in Python', async (library) => {
    const root = folderWith({ 'fn/app.py': pythonText(library), 'fn/requirements.txt': `${library.name}\n` });
    const folder = join(root, 'fn');
    pip(['install', '--no-index', '--find-links', wheels, '--no-compile', '--target', folder, library.name]);
    const script = `import json, sys\nsys.path.insert(0, ".")\nimport app\nprint(${JSON.stringify(ANSWER).replace('\\u0000', '\\x00')} + json.dumps(app.handler({}, None)))`;
    const withoutCrc = spawnSync(PYTHON, ['-B', '-c', script], { cwd: folder, env, encoding: 'utf8' });
    const expected = answerIn(withoutCrc.stdout, withoutCrc.stderr);
    const built = await functionPackage({ root, source: 'fn', runtime, handler: 'app.handler' }).build();
    const result = await invokeLocally(
      localInvocation({ files: built.files, folder: join(root, 'nowhere'), runtime, handler: 'app.handler', env }),
    );
    const isSame =
      'payload' in result &&
      result.functionError === undefined &&
      JSON.stringify(JSON.parse(result.payload)) === JSON.stringify(expected);
    rows.python.push({
      name: library.name,
      version: versionOf(folder, library.name),
      size: sizeText(built.zip.length),
      needs: '`pip install --target`',
      isSame,
    });
    expect('payload' in result && [JSON.parse(result.payload), result.functionError]).toEqual([expected, undefined]);
  });
});

function versionOfPython(): string {
  return python(['-c', 'import platform; print(platform.python_version())']).trim();
}

/** Only installs wheels, because building from source would depend on the compiler of this machine. */
function pip([command = '', ...args]: readonly string[]): void {
  python(['-m', 'pip', command, '--quiet', '--only-binary', ':all:', ...args]);
}

function python(args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(PYTHON, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr || `${PYTHON} does not run: ${error?.message}`);
  return stdout;
}

function versionOf(folder: string, name: string): string {
  const normalized = (text: string) => text.toLowerCase().replace(/[-_.]+/g, '-');
  const info = readdirSync(folder).find(
    (entry) => normalized(entry).startsWith(`${normalized(name)}-`) && entry.endsWith('.dist-info'),
  );
  return /-([^-]+)\.dist-info$/.exec(info ?? '')?.[1] ?? '';
}

afterAll(() => {
  if (rows.node.length < NODE_CASES.length || rows.python.length < PYTHON_CASES.length) return;
  const table = (tableRows: readonly Row[]) =>
    [
      '| library | version | package, zipped | needs | answer |',
      '|---|---|---|---|---|',
      ...tableRows.map(
        ({ name, version, size, needs, isSame }) =>
          `| ${name} | ${version} | ${size} | ${needs} | ${isSame ? 'the same' : 'different'} |`,
      ),
    ].join('\n');
  const text = `# Tested libraries

\`npm run test:libraries\` installs each library, calls it in a function, and compares the result from crc's package with the result in
plain Node or Python on the same machine. It writes this page. Last run: Node.js ${process.versions.node} and Python ${versionOfPython()},
${new Date().toISOString().slice(0, 10)}.

## npm

${table(rows.node)}

## Python

${table(rows.python)}
`;
  writeFileSync(fileURLToPath(new URL('../../docs/libraries.md', import.meta.url)), text);
});
