import type { Config } from './schema.ts';

/**
 * The environment values of functions that must not be shown. A value that also appears elsewhere in the config (a
 * table name, the region) is not a secret: it is shown everywhere, and output would be unreadable without it.
 */
export function environmentValues({ functions, ...rest }: Config): readonly string[] {
  const values = functions.flatMap(({ environment }) => Object.values(environment ?? {}));
  const elsewhere = JSON.stringify([rest, functions.map(({ environment: _, ...settings }) => settings)]);
  return [...new Set(values)].filter((value) => !elsewhere.includes(JSON.stringify(value).slice(1, -1)));
}
