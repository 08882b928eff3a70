import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { linkedWorkflows, readerOf, workflowFilesAt, workflowsOfClone } from '../../src/github/workflow-files.ts';
import { folderWith } from '../helpers/folder.ts';

it('lists workflows as GitHub does: no link, no folder, and no pipe, which would never end', async () => {
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
  const expected = ['.github/workflows/b.yml'];
  expect((await workflowsOfClone(root, root)).map(({ file }) => file)).toEqual(expected);
  expect((await workflowFilesAt('.', root)).map(({ file }) => file)).toEqual(expected);
  expect(await linkedWorkflows(root, root)).toEqual(['.github/workflows/a.yaml', '.github/workflows/c.yml']);
  const read = readerOf(root);
  expect([await read('.github/workflows/e.yml'), await read('.github/workflows/a.yaml')]).toEqual([
    undefined,
    undefined,
  ]);
});

it.each(['.github', '.github/workflows'])('no workflow is in %s if it is a link', async (link) => {
  const root = folderWith({ 'shared/workflows/a.yml': 'jobs: {}', 'shared/a.yml': 'jobs: {}' });
  if (link !== '.github') mkdirSync(join(root, '.github'));
  symlinkSync(join(root, 'shared'), join(root, link));
  expect(await workflowsOfClone(root, root)).toEqual([]);
  expect(await linkedWorkflows(root, root)).toEqual([link]);
});

it('reads an action through a link inside the repository, which a checkout has too', async () => {
  const root = folderWith({ 'shared/action.yml': 'runs: {}' });
  mkdirSync(join(root, '.github/actions'), { recursive: true });
  symlinkSync('../../shared', join(root, '.github/actions/a'));
  symlinkSync('/etc', join(root, '.github/actions/b'));
  const read = readerOf(root);
  expect(await read('.github/actions/a/action.yml')).toBe('runs: {}');
  expect(await read('.github/actions/b/hosts')).toBeUndefined();
});

it('a folder that cannot be read is an error for the user who named it', async () => {
  const root = folderWith({ '.github/a.yml': '' });
  symlinkSync('workflows', join(root, '.github/workflows'));
  await expect(workflowFilesAt('.', root)).rejects.toMatchObject({ code: 'ELOOP' });
  expect(await workflowsOfClone(root, root)).toEqual([]);
});
