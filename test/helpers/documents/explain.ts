import * as z from 'zod';
import { account, cost, foreignObject, head } from './common.ts';

const verdict = z.enum(['can', 'cannot', 'unknown']);

const decision = z.strictObject({
  statement: z.string(),
  operator: z.string().nullable(),
  key: z.string().nullable(),
  wanted: z.array(z.string()),
  value: z.string().nullable(),
});

const cause = z.strictObject({
  id: z.string().describe('a section of docs/troubleshooting.md'),
  message: z.string().describe('as GitHub logs it'),
  cause: z.string(),
  fix: z.string().describe('how to fix it'),
  mend: z.string().describe('the same as `fix`, under its older name'),
  command: z.string(),
});

/** The document of `explain --denied`. */
export const deniedDocumentSchema = z.strictObject({
  ...head,
  command: z.literal('explain'),
  status: z.enum(['denied', 'none']),
  denied: z
    .array(
      z.strictObject({
        principal: z.string().nullable(),
        action: z.string().nullable(),
        operation: z.string().nullable().describe('if AWS does not name the action: `S3 PutBucketTagging`'),
        resource: z.string().nullable(),
        policy: z.enum([
          'identity',
          'boundary',
          'session',
          'service-control',
          'resource-control',
          'resource',
          'endpoint',
          'trust',
          'unknown',
        ]),
        explicit: z.boolean().describe('denied by a Deny statement rather than for lack of an Allow'),
        policyArn: z.string().nullable(),
        cause: z.string(),
        fix: z.string().describe('how to fix it'),
        statement: foreignObject.nullable().describe('the missing IAM statement'),
      }),
    )
    .describe('the denied calls, without duplicates'),
});

/** The document of `explain`. */
export const explainDocumentSchema = z.strictObject({
  ...head,
  command: z.literal('explain'),
  ...account,
  status: verdict.describe('for all roles together'),
  roles: z.array(
    z.strictObject({
      name: z
        .string()
        .describe('as written in the workflow, `${{ secrets.ROLE }}`, if the role is unknown and none accepts the job'),
      arn: z.string().describe('empty if the role is unknown'),
      verdict,
      subjects: z.array(
        z.strictObject({
          subject: z.string().describe('with * for unknown parts'),
          form: z.enum(['legacy', 'immutable', 'custom']),
          job: z.string().nullable().describe('the job in the workflow'),
          event: z.string().nullable(),
          expected: z.boolean().describe('the config intends to allow this subject; if not, a denial is not a failure'),
          doubt: z.string().nullable().describe('what is only known during the run'),
          verdict,
          decidedBy: decision.nullable(),
          causes: z.array(cause).describe('in the order of a login, so fix the first one first'),
        }),
      ),
      warnings: z.array(z.string()),
      notVisible: z.string(),
    }),
  ),
  notes: z.array(z.string()),
  ...cost,
});
