import { expect, it } from 'vitest';
import { jsonSchema } from '../../src/config/json-schema.ts';

it('config.schema.json is generated from the schema by `npm run schema`', async () => {
  await expect(`${JSON.stringify(jsonSchema(), null, 2)}\n`).toMatchFileSnapshot('../../config.schema.json');
});
