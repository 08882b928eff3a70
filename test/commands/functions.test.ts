import { expect, it } from 'vitest';
import { builtPackages, localInvocation } from '../../src/commands/functions.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { resourcesOf } from '../../src/resources/index.ts';
import { exampleConfig } from '../helpers/configs.ts';
import { contextFor } from '../helpers/context.ts';
import { fakeAws } from '../helpers/fake-aws.ts';
import { fakePackage } from '../helpers/fake-package.ts';

it('the package of a function is the same for its resources, a dry run and a local test', async () => {
  const config = parseConfig(JSON.stringify(exampleConfig()), 'crc.config.json');
  const [functionConfig] = config.functions;
  if (functionConfig === undefined) throw new Error('the example has a function');
  const { name } = functionConfig;

  const packages = new Map();
  const created = async () => {
    await resourcesOf(config, contextFor(fakeAws({}).clients), { root: '/none', packages });
    return packages.get(name);
  };
  const first = await created();
  expect([first, await created()]).toEqual([expect.anything(), first]);

  const fake = fakePackage();
  packages.set(name, fake);
  const run = { root: '/none', packages, config, childEnv: {}, signal: new AbortController().signal };
  expect(await builtPackages([functionConfig], run)).toMatchObject([{ functionName: name, zipped: '8 B' }]);
  const { files } = await localInvocation(functionConfig, { ...run, identity: async () => '123456789012' });
  expect([files.map(({ path }) => path), fake.builds]).toEqual([['index.mjs'], 2]);
});
