import { expect, it } from 'vitest';
import { jsonSchema } from '../../src/config/json-schema.ts';

// `npm run schema` writes the file.
it('is the file that is shipped', async () => {
  await expect(`${JSON.stringify(jsonSchema(), null, 2)}\n`).toMatchFileSnapshot('../../config.schema.json');
});
