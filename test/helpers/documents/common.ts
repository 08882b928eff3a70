import * as z from 'zod';

/** The first keys of every document. */
export const head = { version: z.literal(1) };

/** Keys of commands that access an AWS account. */
export const account = {
  accountId: z.string().regex(/^\d{12}$/),
  region: z.string(),
};

/** The last keys of commands that call AWS. */
export const cost = {
  apiCalls: z.strictObject({ read: z.int(), write: z.int() }).describe('without retries'),
  durationMs: z.int().describe('without the time at prompts'),
};

export const error = z.strictObject({
  message: z.string().describe('what failed, and why'),
  hint: z.string().describe('what to do now'),
});

/** Any JSON value. */
export const leaf: z.ZodType = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(leaf), z.record(z.string(), leaf)]),
);

/** A document of Terraform or IAM, which crc prints unchanged. */
export const foreignObject = z.record(z.string(), z.unknown());

/** The document of a command that failed. */
export const errorDocumentSchema = z.strictObject({
  ...head,
  command: z.string(),
  status: z.literal('failed'),
  error: error.extend({
    issues: z
      .array(
        z.strictObject({
          path: z.string(),
          message: z.string().describe('continues after the path'),
          line: z.int().min(1).optional().describe('missing for a flag'),
        }),
      )
      .optional()
      .describe('problems in a config, in the order of its lines'),
  }),
});

/** The keys of a document with a part of the result: what is missing from it, and why. */
export const incomplete = {
  status: z.literal('failed').optional().describe('only if something is missing or could not be read'),
  error: error
    .extend({
      issues: z
        .array(z.strictObject({ path: z.string().describe("a resource's id"), message: z.string() }))
        .describe('what is left out of this document, and why'),
    })
    .optional(),
};
