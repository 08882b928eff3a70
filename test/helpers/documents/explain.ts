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
        operation: z.string().nullable().describe('where AWS names no action: `S3 PutBucketTagging`'),
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
        explicit: z.boolean().describe('a Deny, and not the lack of an Allow'),
        policyArn: z.string().nullable(),
        cause: z.string(),
        fix: z.string().describe('how to fix it'),
        statement: foreignObject.nullable().describe('the IAM statement that is missing'),
      }),
    )
    .describe('each denied call once'),
});

/** The document of `explain`. */
export const explainDocumentSchema = z.strictObject({
  ...head,
  command: z.literal('explain'),
  ...account,
  status: verdict.describe('of all roles together'),
  roles: z.array(
    z.strictObject({
      name: z
        .string()
        .describe(
          'as the workflow has it, `${{ secrets.ROLE }}`, where the role is not known and none lets the job in',
        ),
      arn: z.string().describe('empty where the role is not known'),
      verdict,
      subjects: z.array(
        z.strictObject({
          subject: z.string().describe('with * for all that it can be'),
          form: z.enum(['legacy', 'immutable', 'custom']),
          job: z.string().nullable().describe('of a workflow'),
          event: z.string().nullable(),
          expected: z.boolean().describe('the config means this subject to get in; the others fail nothing'),
          doubt: z.string().nullable().describe('what is only known during the run'),
          verdict,
          decidedBy: decision.nullable(),
          causes: z.array(cause).describe('in the order of a login: fix the first one first'),
        }),
      ),
      warnings: z.array(z.string()),
      notVisible: z.string(),
    }),
  ),
  notes: z.array(z.string()),
  ...cost,
});
