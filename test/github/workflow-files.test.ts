import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readerOf, workflowFilesAt, workflowsOfClone } from '../../src/github/workflow-files.ts';
import { folderWith } from '../helpers/folder.ts';

it('lists workflows and links to them, but no folder, no link to nothing, and no pipe, which would never end', async () => {
  const root = folderWith({
    '.github/workflows/b.yml': 'jobs: {}',
    '.github/workflows/readme.md': '',
    'shared.yaml': '',
  });
  const folder = join(root, '.github/workflows');
  symlinkSync('../../shared.yaml', join(folder, 'a.yaml'));
  symlinkSync('nothing.yml', join(folder, 'c.yml'));
  mkdirSync(join(folder, 'd.yml'));
  execFileSync('mkfifo', [join(folder, 'e.yml')]);
  const expected = ['.github/workflows/a.yaml', '.github/workflows/b.yml'];
  expect((await workflowsOfClone(root, root)).map(({ file }) => file)).toEqual(expected);
  expect((await workflowFilesAt('.', root)).map(({ file }) => file)).toEqual(expected);
  expect(await readerOf(root)('.github/workflows/e.yml')).toBeUndefined();
});
