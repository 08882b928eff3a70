import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/parse.ts';
import type { SourceBackend, TerraformFolder } from '../../../src/terraform/source/folders.ts';
import { nextLockStep } from '../../../src/terraform/source/lock-step.ts';
import { exampleConfig } from '../../helpers/configs.ts';

const BUCKET = 'abcdef-terraform-state';
const TABLE = { dynamodb_table: 'abcdef-terraform-locking' };
const FILE = { use_lockfile: true };

type Block = Partial<SourceBackend> & Pick<SourceBackend, 'arguments'>;

function folder(block: Block): TerraformFolder {
  return {
    directory: '.',
    backends: [{ type: 's3', unknown: [], file: 'main.tf', line: 1, ...block }],
    providers: [],
    terraformVersion: undefined,
    localStates: [],
    unread: [],
  };
}

/** The next step for this config and backend blocks with these arguments. */
function stepOf(lockTable: 'table' | 'both' | 'none', ...blocks: readonly SourceBackend['arguments'][]) {
  const config = exampleConfig();
  config.lockTable.lockFile = lockTable === 'both';
  if (lockTable === 'none') delete config.lockTable;
  const folders = blocks.map((backendArguments) => folder({ arguments: { bucket: BUCKET, ...backendArguments } }));
  return nextLockStep(folders, parseConfig(JSON.stringify(config), 'crc.config.json'));
}

describe('the next step from the lock table to the lock file', () => {
  it.each([
    ['the config does not require both locks', stepOf('table', TABLE), undefined],
    [
      'a block lacks the lock file',
      stepOf('both', TABLE, { ...TABLE, ...FILE }),
      /^step 1 of 3.* to 1 of 2 blocks\. `dynamodb_table` stays/,
    ],
    // One block uses only the table and another one only the lock file, so the table must be kept.
    ["blocks do not see each other's locks", stepOf('both', TABLE, FILE), /^step 1 of 3/],
    [
      'all have both',
      stepOf('both', { ...TABLE, ...FILE }),
      /^step 2 of 3.* from 1 of 1 block, once no block with the table alone is left/,
    ],
    ['some have only the lock file', stepOf('both', { ...TABLE, ...FILE }, FILE), /^step 2 of 3.* from 1 of 2 blocks/],
    ['all have only the lock file', stepOf('both', FILE, FILE), /^step 3 of 3.* remove lockTable from the config/],
    [
      'the config went first',
      stepOf('none', TABLE, FILE),
      /^1 of 2 blocks still has `dynamodb_table`: put lockTable back/,
    ],
    ['the migration is complete', stepOf('none', FILE), undefined],
    ['the only block is for another bucket', stepOf('both', { ...TABLE, bucket: 'other' }), undefined],
  ])('where %s', (_, step, expected) => {
    if (expected === undefined) expect(step).toBeUndefined();
    else expect(step).toMatch(expected);
  });

  it('counts a table that only Terraform can resolve', () => {
    const config = exampleConfig();
    config.lockTable.lockFile = true;
    const incomplete = folder({ arguments: { bucket: BUCKET, ...FILE }, unknown: ['dynamodb_table'] });
    expect(nextLockStep([incomplete], parseConfig(JSON.stringify(config), 'crc.config.json'))).toMatch(/^step 2 of 3/);
  });
});
