import { describe, expect, it } from 'vitest';
import { objectKeyOf, stateNameOf } from '../../../src/terraform/state/place.ts';

const PREFIXES = new Map([['app/terraform.tfstate', 'workspaces']]);

describe('the name of a state', () => {
  it.each([
    ['app/terraform.tfstate', 'app/terraform.tfstate', 'default'],
    ['workspaces/dev/app/terraform.tfstate', 'app/terraform.tfstate', 'dev'],
    ['env:/dev/other/terraform.tfstate', 'other/terraform.tfstate', 'dev'],
    // With the config's workspace prefix, Terraform would not find the state at this key.
    ['env:/dev/app/terraform.tfstate', 'env:/dev/app/terraform.tfstate', 'default'],
    ['workspaces/dev/other/terraform.tfstate', 'workspaces/dev/other/terraform.tfstate', 'default'],
    ['workspaces/a/b/app/terraform.tfstate', 'workspaces/a/b/app/terraform.tfstate', 'default'],
  ])('%s is %s in the workspace %s, and vice versa', (objectKey, key, workspace) => {
    expect(stateNameOf(objectKey, PREFIXES)).toEqual({ key, workspace });
    expect(objectKeyOf({ key, workspace }, PREFIXES)).toBe(objectKey);
  });
});
