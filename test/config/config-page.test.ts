import { expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { CrcError } from '../../src/errors.ts';
import { KEY_ARN } from '../helpers/bad-configs.ts';
import { configPage, examplesByPath, undescribedKeys } from '../helpers/config-page.ts';
import { exampleConfig } from '../helpers/configs.ts';

it('docs/config.md is generated from the schema by `npm run docs`', async () => {
  await expect(configPage()).toMatchFileSnapshot('../../docs/config.md');
});

it.each(examplesByPath())('the example of %s is valid', (path, example) => {
  const config = exampleConfig();
  config.roles[0].statements = [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }];
  config.functions[0].statements = [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }];
  config.functions[0].test = { method: 'POST' };
  config.functions[0].table.capacity = { read: 1, write: 1 };
  config.stateBucket.encryption = { algorithm: 'aws:kms', keyArn: KEY_ARN };
  config.stateBucket.noncurrentVersions = { expireAfterDays: 1 };
  const at = path.split(/[.[\]]+/).filter(Boolean);
  const last = at.pop() ?? '';
  at.reduce((object, key) => object[key], config)[last] = example;
  const issuesOf = () => {
    try {
      parseConfig(JSON.stringify(config), 'c');
      return [];
    } catch (error) {
      if (!(error instanceof CrcError)) throw error;
      return error.issues ?? [error];
    }
  };
  expect(issuesOf().filter((issue) => 'path' in issue && issue.path.startsWith(path))).toEqual([]);
});

it('every key has a description, in sentences', () => {
  expect(undescribedKeys()).toEqual([]);
});
