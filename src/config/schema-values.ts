import * as z from 'zod/mini';
import type { Check } from './names.ts';

/** What editors and docs/config.md show for a key, and the part of its rule that JSON Schema can express. */
export interface Meta {
  readonly description: string;
  /** Valid values; the first is shown when a required key is missing. */
  readonly examples?: readonly unknown[];
  readonly [keyword: string]: unknown;
}

/**
 * Where schemas register their {@link Meta}. `z.meta` would do the same as a check, and copy each schema for that, which
 * every command would wait for.
 */
export const documentation = z.globalRegistry;

/** A string that is validated by a check. */
export function text(check: Check, meta: Meta | Record<string, never> = {}) {
  return z
    .string()
    .check(
      z.superRefine((value, context) => {
        const problem = check(value);
        if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
      }),
    )
    .register(documentation, meta);
}

export function wholeNumber(least: number, most: number, description: string, example: number) {
  const message = `must be a whole number from ${least} to ${most}`;
  return z
    .int({ error: ({ input }) => (input === undefined ? undefined : message) })
    .check(z.minimum(least, { error: message }), z.maximum(most, { error: message }))
    .register(documentation, { description, examples: [example] });
}

/** A list without duplicates. */
export function unique<T extends z.ZodMiniType>(item: T, most: number, least = 0) {
  return z.array(item).check(
    z.minLength(least, { error: `must have at least ${least} ${least === 1 ? 'entry' : 'entries'}` }),
    z.maxLength(most, { error: `must have at most ${most} entries` }),
    z.superRefine((values, context) => {
      const first = new Map(values.map((value, index) => [value, index] as const).reverse());
      values.forEach((value, index) => {
        if (first.get(value) !== index) {
          context.addIssue({ code: 'custom', path: [index], message: 'is there twice; remove one of them' });
        }
      });
    }),
  );
}
