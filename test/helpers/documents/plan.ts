import * as z from 'zod';
import { account, cost, error, head, leaf } from './common.ts';

const path = z.string().describe('of the setting: stable');
const live = leaf.describe('null for what does not exist');
const want = leaf;
const why = z
  .string()
  .optional()
  .describe(
    'where the values do not say what they mean: a trust policy, rights that are lost, what an inline policy allows',
  );

const change = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('create') }),
  z.strictObject({ kind: z.literal('update'), path, live, want, why }),
  z.strictObject({ kind: z.literal('remove'), path, live, want, why }),
  z.strictObject({ kind: z.literal('conflict'), path, live, want, why: z.string() }),
]);

const resource = { id: z.string().describe('stable'), type: z.string(), name: z.string() };

/** The document of `bootstrap`, `plan`, `deploy-function`, their `--dry-run` and `verify`. */
export const planDocumentSchema = z.strictObject({
  ...head,
  command: z.string().describe('the command that was run: plan is not bootstrap'),
  ...account,
  status: z
    .enum(['in-sync', 'changes', 'converged', 'failed'])
    .describe(
      'verify and --dry-run: in-sync, changes, failed (anything unread); the others: in-sync, converged, failed',
    ),
  findings: z
    .array(
      z.strictObject({
        ...resource,
        status: z.enum(['in-sync', 'absent', 'drifted', 'conflict', 'unread']),
        changes: z.array(change),
        warnings: z
          .array(z.string())
          .describe(
            'risks that are not drift, such as resources that are no longer in the config (verify); they never change the status',
          ),
        error: error.optional().describe('why it could not be read, or could not be written'),
      }),
    )
    .describe('the plan, as read before any write'),
  outcomes: z
    .record(z.string(), z.enum(['unchanged', 'created', 'updated', 'failed', 'blocked', 'not-started']))
    .optional()
    .describe('by id, of commands that write; not-started: stopped before its first write'),
  smokeTest: z
    .strictObject({ mode: z.enum(['remote', 'local', 'skipped']), ok: z.boolean() })
    .optional()
    .describe('of deploy-function'),
  missingRights: z
    .array(
      z.strictObject({
        function: z.string(),
        action: z.string().describe('dynamodb:GetItem'),
        resource: z.string().describe('an ARN, with * for what the source does not say'),
        call: z.string().describe('as the source has it: GetCommand, get_item'),
        file: z.string().describe('from the folder of the config'),
        line: z.int(),
        allow: z
          .strictObject({ path: z.string(), value: z.union([z.string(), z.record(z.string(), z.string())]) })
          .describe('what to write in the config: the value of table.access, or one more of statements'),
      }),
    )
    .optional()
    .describe(
      'calls in the source of functions that their roles do not allow; only where functions were built, and never of a role of your own',
    ),
  ...cost,
});

/** The document of `destroy`. */
export const removalDocumentSchema = z.strictObject({
  ...head,
  command: z.literal('destroy'),
  ...account,
  status: z.enum(['in-sync', 'changes', 'converged', 'failed']),
  findings: z.array(
    z.strictObject({
      ...resource,
      status: z.enum(['goes', 'stays', 'held', 'absent', 'unread']),
      why: z.string().optional().describe('of what is kept or cannot be deleted yet'),
      notes: z.array(z.string()).optional().describe('what is deleted with it'),
      error: error.optional(),
    }),
  ),
  outcomes: z
    .record(z.string(), z.enum(['removed', 'absent', 'kept', 'blocked', 'failed', 'not-started']))
    .optional()
    .describe('by id; not-started: stopped before it was reached'),
  ...cost,
});
