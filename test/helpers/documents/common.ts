import * as z from 'zod';

/** Keys at the start of every document. */
export const head = { version: z.literal(1) };

/** Keys of a command that works on an account. */
export const account = {
  accountId: z.string().regex(/^\d{12}$/),
  region: z.string(),
};

/** Keys at the end of a document of a command that calls AWS. */
export const cost = {
  apiCalls: z.strictObject({ read: z.int(), write: z.int() }).describe('without retries'),
  durationMs: z.int().describe('without the time at prompts'),
};

export const error = z.strictObject({
  message: z.string().describe('what failed, and why'),
  hint: z.string().describe('what to do now'),
});

/** Any value of JSON. */
export const leaf: z.ZodType = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(leaf), z.record(z.string(), leaf)]),
);

/** Terraform's and IAM's own documents, which crc hands on as they are. */
export const foreignObject = z.record(z.string(), z.unknown());

/** The document of a command that ended with an error. */
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
