import { expect, it } from 'vitest';
import { jsonSchema } from '../../src/config/json-schema.ts';

// The file is written by `npm run schema`.
it('is the shipped file', async () => {
  await expect(`${JSON.stringify(jsonSchema(), null, 2)}\n`).toMatchFileSnapshot('../../config.schema.json');
});
