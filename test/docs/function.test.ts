import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXAMPLES } from '../helpers/function-examples.ts';
import { ROOT } from '../helpers/pages.ts';

const [table = ''] = /\| your function .*?\n\n/s.exec(readFileSync(join(ROOT, 'docs/function.md'), 'utf8')) ?? [];
const rows = table
  .trim()
  .split('\n')
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, requirement = '', how = '']) => ({ requirement, how }));

const PERMISSIONS = 'test/integration/function-permissions.test.ts';
const CONFIG = 'test/integration/function-config.test.ts';
const SMOKE_TEST = 'test/invoke/smoke-test.test.ts';
const INVOKE = 'test/commands/deploy-function.test.ts';

/** Rows by their beginning, with the tests that prove them: file and part of the title. */
const PROVEN_BY: Readonly<Record<string, readonly (readonly [file: string, title: string])[]>> = {
  'adds to an item': [[PERMISSIONS, 'that comes with crc needs all of it, and may use no other table']],
  'reads its table': [[PERMISSIONS, '%s needs all of it']],
  'reads, puts, updates': [[PERMISSIONS, '%s needs all of it']],
  'uses another service': [[PERMISSIONS, '%s needs all of it']],
  'expects an item': [
    [
      'test/resources/function-table.test.ts',
      'never overwrites what the function has stored in it, and reads only its key',
    ],
    [CONFIG, 'is created as configured and in sync afterwards'],
  ],
  'has a number as its key': [
    [PERMISSIONS, '%s needs all of it'],
    ['test/resources/function-table.test.ts', 'has a number as its key if the config says so'],
  ],
  'has a table with provisioned capacity': [
    [CONFIG, 'is created as configured and in sync afterwards'],
    ['test/resources/lock-table.test.ts', 'unmanaged capacity is created, and then ignored'],
  ],
  'runs in an organization': [[CONFIG, 'is created as configured and in sync afterwards']],
  'has a role already': [[CONFIG, 'keeps its own role, for which crc makes no calls']],
  'is called through CloudFront': [
    ['test/resources/function/url.test.ts', 'is created without the permissions of a public one'],
  ],
  'must not run too often': [
    ['test/resources/function/settings.test.ts', 'explains what to do in an account with too little concurrency'],
  ],
  'has a table with a sort key': [[PERMISSIONS, '%s needs all of it']],
  'takes a `POST`': [[SMOKE_TEST, 'of a function that only accepts POST passes with the request from the config']],
  'is called by a page': [[SMOKE_TEST, 'fails on %s, as a browser would']],
  'sets CORS headers itself': [[SMOKE_TEST, 'fails on %s, as a browser would']],
  'uses libraries of npm': [['test/libraries/libraries.test.ts', 'gives the same answer from the bundle as in Node']],
  'uses libraries of PyPI': [
    ['test/libraries/libraries.test.ts', 'gives the same answer from the package as in Python'],
  ],
  'reads files at run time': [
    ['test/package/bundle.test.ts', 'elsewhere are packaged if the config includes them'],
    ['test/package/bundle.test.ts', 'are copied with their dependencies, as Node finds them'],
  ],
  'answers with a `Decimal`': [['test/invoke/like-lambda.test.ts', 'writes %s as the runtime does']],
  'takes a callback': [
    ['test/invoke/local.test.ts', 'a callback before Node 24'],
    ['test/invoke/local.test.ts', 'no callback from Node 24'],
  ],
  'expects the event of a REST API': [
    ['test/invoke/event.test.ts', 'has the fields of payload format 1.0'],
    [INVOKE, 'as a REST API does'],
  ],
  'reads an event of a WebSocket': [[INVOKE, 'calls the alias with a payload, and shows status, body and log']],
  'is written in Go': [['test/helpers/bad-configs.ts', 'java21']],
  'is a container image': [
    ['test/resources/function/settings.test.ts', 'from a container image is a conflict, and is not written to'],
    [
      'test/resources/function/settings.test.ts',
      'a layer and a log group that are not in the config are warnings, and no drift',
    ],
    ['test/resources/function/settings.test.ts', 'leaves what is not in the config unchanged'],
  ],
};

describe('the table of docs/function.md', () => {
  it.each(rows)('is true: $requirement', ({ requirement }) => {
    const tests = Object.entries(PROVEN_BY).filter(([start]) => requirement.startsWith(start));
    expect(tests).toHaveLength(1);
    for (const [file, title] of tests.flatMap(([, links]) => links)) {
      expect(readFileSync(join(ROOT, file), 'utf8')).toContain(title);
    }
  });

  it('has a row for each test named here, and for each example that runs with its permissions', () => {
    expect(
      Object.keys(PROVEN_BY).filter((start) => !rows.some(({ requirement }) => requirement.startsWith(start))),
    ).toEqual([]);
    expect(Object.values(EXAMPLES).filter(({ row }) => !rows.some(({ how }) => how.includes(row)))).toEqual([]);
  });
});
