import type { Config } from './schema.ts';

/**
 * The values in the environments of the functions that nobody is to see. One that stands elsewhere in the config too (the name of
 * a table, the region) is no secret: it is shown all over, and without it nothing could be understood.
 */
export function environmentValues({ functions, ...rest }: Config): readonly string[] {
  const values = functions.flatMap(({ environment }) => Object.values(environment ?? {}));
  const elsewhere = JSON.stringify([rest, functions.map(({ environment: _, ...settings }) => settings)]);
  return [...new Set(values)].filter((value) => !elsewhere.includes(JSON.stringify(value).slice(1, -1)));
}
