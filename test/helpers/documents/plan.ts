import * as z from 'zod';
import { account, cost, error, head, leaf } from './common.ts';

const path = z.string().describe('path of the setting; stable');
const live = leaf.describe('null if it does not exist');
const want = leaf;
const why = z
  .string()
  .optional()
  .describe(
    'what it means, if the values do not show it: a trust policy, lost permissions, what an inline policy allows',
  );

const change = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('create') }),
  z.strictObject({ kind: z.literal('update'), path, live, want, why }),
  z.strictObject({ kind: z.literal('remove'), path, live, want, why }),
  z.strictObject({ kind: z.literal('conflict'), path, live, want, why: z.string() }),
]);

const resource = { id: z.string().describe('stable'), type: z.string(), name: z.string() };

/** The document of `bootstrap`, `plan`, `deploy-function`, their `--dry-run`, and `verify`. */
export const planDocumentSchema = z.strictObject({
  ...head,
  command: z.string().describe('the command as it was run: plan, not bootstrap --dry-run'),
  ...account,
  status: z
    .enum(['in-sync', 'changes', 'converged', 'failed'])
    .describe(
      'verify and --dry-run: in-sync, changes, failed (something could not be read); others: in-sync, converged, failed',
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
        error: error.optional().describe('why it could not be read or written'),
      }),
    )
    .describe('the plan, as read before any write'),
  outcomes: z
    .record(z.string(), z.enum(['unchanged', 'created', 'updated', 'failed', 'blocked', 'not-started']))
    .optional()
    .describe('by id, for commands that write; not-started: stopped before its first write'),
  smokeTest: z
    .strictObject({ mode: z.enum(['remote', 'local', 'skipped']), ok: z.boolean() })
    .optional()
    .describe('only in deploy-function'),
  missingRights: z
    .array(
      z.strictObject({
        function: z.string(),
        action: z.string().describe('dynamodb:GetItem'),
        resource: z.string().describe('an ARN, with * for parts that are not in the source'),
        call: z.string().describe('as written in the source: GetCommand, get_item'),
        file: z.string().describe('relative to the folder of the config'),
        line: z.int(),
        allow: z
          .strictObject({ path: z.string(), value: z.union([z.string(), z.record(z.string(), z.string())]) })
          .describe('what to add to the config: a value for table.access, or an entry in statements'),
      }),
    )
    .optional()
    .describe('calls in the source of built functions that their roles do not allow; never for your own roles'),
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
      why: z.string().optional().describe('why it is kept or cannot be deleted yet'),
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
