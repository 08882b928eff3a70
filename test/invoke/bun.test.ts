import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { nodeFor } from '../../src/invoke/interpreters.ts';
import { folderWith } from '../helpers/folder.ts';
import { localInvocation } from '../helpers/local.ts';
import { describeWith } from '../helpers/require.ts';

it('Bun stands in for Node, and may not download what the package lacks', () => {
  expect(nodeFor('nodejs24.x', { ...process.versions, node: '24.3.0', bun: '1.4.5' })).toEqual({
    program: process.execPath,
    flags: ['--no-install'],
    standsIn: { local: 'Bun 1.4.5', onLambda: 'Node.js 24' },
  });
});

describeWith('bun', 'a Node function on this machine, when Bun runs crc', () => {
  function answerTo(text: string): unknown {
    const folder = folderWith({ 'node_modules/@aws-sdk/none': '' });
    const { env, ...given } = localInvocation({ files: [], folder });
    const local = new URL('../../src/invoke/local.ts', import.meta.url).href;
    const script = `import { invokeLocally } from ${JSON.stringify(local)};
const files = [{ path: 'index.mjs', bytes: Buffer.from(${JSON.stringify(text)}) }];
console.log(JSON.stringify(await invokeLocally({ ...${JSON.stringify(given)}, files, env: process.env })));`;
    const { stdout, stderr } = spawnSync('bun', [`${folderWith({ 'run.ts': script })}/run.ts`], {
      encoding: 'utf8',
      env: { ...env },
    });
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout);
  }

  it('returns an answer, and says what ran it', () => {
    expect(answerTo('export const handler = async (event, { functionName }) => functionName;')).toMatchObject({
      payload: '"IncrementVisits"',
      standsIn: { local: expect.stringMatching(/^Bun \d/), onLambda: 'Node.js 24' },
    });
  });

  it('names the SDK package to install', () => {
    expect(answerTo("import '@aws-sdk/client-nothing';\nexport const handler = () => 1;")).toEqual({
      cannotRun: '@aws-sdk/client-nothing is not installed: run `npm install -D @aws-sdk/client-nothing`',
    });
  });
});
