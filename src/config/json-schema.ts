import * as z from 'zod/mini';
import { configSchema } from './schema.ts';

/** The JSON Schema of `crc.config.json` for editors: the config as written, where defaults can be omitted. */
export function jsonSchema(): object {
  const schema = z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' });
  return { ...schema, title: 'crc.config.json', description: 'What crc creates and manages in an AWS account.' };
}
