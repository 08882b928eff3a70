import { describe, expect, it } from 'vitest';
import { CrcError } from '../../../src/errors.ts';
import { deployedPackage } from '../../../src/resources/function/package.ts';
import { fakePackage } from '../../helpers/fake-package.ts';

it('that cannot be built ends a run that would write it, with all that can be done about it', async () => {
  const code = fakePackage();
  const advice = { hint: 'To build it:', alternatives: ['Install b.'], details: ['a.ts:1'] };
  code.missing = new CrcError('It does not build.', advice);
  const deployed = deployedPackage(code, { willWrite: () => true });
  await expect(deployed.hash('function-code/F')).rejects.toMatchObject({ ...advice, fatal: true });
});

describe('messages about an uploaded package', () => {
  const shownFor = async (leftOut: readonly string[]) => {
    const messages: string[] = [];
    const code = fakePackage();
    const deployed = deployedPackage(code, { show: (text) => messages.push(text) });
    deployed.announce('function-code/F', { ...(await code.build()), leftOut });
    return messages;
  };

  it('include its size', async () => {
    expect(await shownFor(['.git', 'tests/', 'index.test.ts'])).toEqual(['function-code/F: package of 1 file, 8 B']);
  });

  it('list modules that may be left out by mistake because they are named like tests', async () => {
    expect((await shownFor(['ab_test.py']))[0]).toBe(
      'function-code/F: package of 1 file, 8 B, without the tests ab_test.py',
    );
    const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `${name}_test.py`);
    expect((await shownFor(many))[0]).toMatch(/e_test\.py and 2 more$/);
  });
});
