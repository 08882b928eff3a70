import { expect, it, vi } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { exampleConfig, type LooseConfig, manyRoles, writeConfig } from '../helpers/configs.ts';

const order = vi.hoisted((): string[] => []);
vi.mock('../../src/memory.ts', () => ({
  async keepMemoryLow() {
    order.push('memory');
  },
}));
vi.mock('../../src/config/parse.ts', async (original) => {
  const { parseConfig } = await original<typeof import('../../src/config/parse.ts')>();
  return {
    parseConfig(...args: Parameters<typeof parseConfig>) {
      order.push('parse');
      return parseConfig(...args);
    },
  };
});

it.each<[string, LooseConfig, readonly string[]]>([
  [
    'a large config limits the heap before it is parsed, since a heap does not shrink again',
    manyRoles(100),
    ['memory', 'parse'],
  ],
  ['other configs are not affected', exampleConfig(), ['parse']],
])('%s', async (_, config, expected) => {
  order.length = 0;
  await loadConfig({ cwd: writeConfig(config) });
  expect(order).toEqual(expected);
});
