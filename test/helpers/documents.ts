import * as z from 'zod';

const leaf: z.ZodType = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(leaf), z.record(z.string(), leaf)]),
);

const change = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('create') }),
  z.strictObject({
    kind: z.literal('update'),
    path: z.string(),
    live: leaf,
    want: leaf,
    // What another trust policy means.
    why: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal('remove'), path: z.string(), live: leaf, want: leaf }),
  z.strictObject({ kind: z.literal('conflict'), path: z.string(), live: leaf, want: leaf, why: z.string() }),
]);

const error = z.strictObject({ message: z.string(), hint: z.string() });

/** The document of `bootstrap`, `deploy-function`, their `--dry-run` and `verify`, version 1. Strict: a new key needs a decision. */
export const planDocumentSchema = z.strictObject({
  version: z.literal(1),
  command: z.string(),
  accountId: z.string().regex(/^\d{12}$/),
  region: z.string(),
  status: z.enum(['in-sync', 'changes', 'converged', 'failed']),
  findings: z.array(
    z.strictObject({
      id: z.string(),
      type: z.string(),
      name: z.string(),
      status: z.enum(['in-sync', 'absent', 'drifted', 'conflict', 'unread']),
      changes: z.array(change),
      warnings: z.array(z.string()),
      error: error.optional(),
    }),
  ),
  outcomes: z
    .record(z.string(), z.enum(['unchanged', 'created', 'updated', 'failed', 'blocked', 'not-started']))
    .optional(),
  smokeTest: z.strictObject({ mode: z.enum(['remote', 'local', 'skipped']), ok: z.boolean() }).optional(),
  apiCalls: z.strictObject({ read: z.int(), write: z.int() }),
  durationMs: z.int(),
});

/** The document of a command that ended with an error, version 1. */
export const errorDocumentSchema = z.strictObject({
  version: z.literal(1),
  command: z.string(),
  status: z.literal('failed'),
  error: error.extend({
    issues: z
      .array(z.strictObject({ path: z.string(), message: z.string(), line: z.int().min(1).optional() }))
      .optional(),
  }),
});

/** The document of `invoke`, version 1. */
export const invokeDocumentSchema = z.strictObject({
  version: z.literal(1),
  command: z.literal('invoke'),
  accountId: z.string().regex(/^\d{12}$/),
  region: z.string(),
  status: z.enum(['succeeded', 'failed']),
  function: z.string(),
  mode: z.enum(['local', 'remote']),
  statusCode: z.int().nullable(),
  body: z.string(),
  functionError: z.string().nullable(),
  log: z.string(),
  apiCalls: z.strictObject({ read: z.int(), write: z.int() }),
  durationMs: z.int(),
});

const verdict = z.enum(['can', 'cannot', 'unknown']);

/** The document of `explain`, version 1. */
export const explainDocumentSchema = z.strictObject({
  version: z.literal(1),
  command: z.literal('explain'),
  accountId: z.string().regex(/^\d{12}$/),
  region: z.string(),
  status: verdict,
  roles: z.array(
    z.strictObject({
      name: z.string(),
      arn: z.string(),
      verdict,
      subjects: z.array(
        z.strictObject({
          subject: z.string(),
          form: z.enum(['legacy', 'immutable', 'custom']),
          job: z.string().nullable(),
          event: z.string().nullable(),
          expected: z.boolean(),
          doubt: z.string().nullable(),
          verdict,
          decidedBy: z
            .strictObject({
              statement: z.string(),
              operator: z.string().nullable(),
              key: z.string().nullable(),
              wanted: z.array(z.string()),
              value: z.string().nullable(),
            })
            .nullable(),
          causes: z.array(
            z.strictObject({
              id: z.string(),
              message: z.string(),
              cause: z.string(),
              mend: z.string(),
              command: z.string(),
            }),
          ),
        }),
      ),
      warnings: z.array(z.string()),
      notVisible: z.string(),
    }),
  ),
  notes: z.array(z.string()),
  apiCalls: z.strictObject({ read: z.int(), write: z.int() }),
  durationMs: z.int(),
});

const values = z.union([z.array(z.string()), z.string()]);

const option = z.strictObject({
  kind: z.enum(['switch', 'negated', 'value', 'optional-value', 'repeatable']),
  summary: z.string(),
  placeholder: z.string().optional(),
  default: z.string().optional(),
  values: values.optional(),
  destructive: z.literal(true).optional(),
});

/** The document of `help`, version 1. */
export const helpDocumentSchema = z.strictObject({
  version: z.literal(1),
  command: z.literal('help'),
  commands: z.array(
    z.strictObject({
      name: z.string(),
      group: z.enum(['Start', 'Account', 'Function', 'GitHub', 'State', 'More']),
      listing: z.enum(['own-page', 'none']).optional(),
      isGroup: z.literal(true).optional(),
      summary: z.string(),
      description: z.string().optional(),
      destructive: z.literal(true).optional(),
      arguments: z
        .record(
          z.string(),
          z.strictObject({
            kind: z.enum(['required', 'optional', 'list']),
            placeholder: z.string(),
            summary: z.string(),
            values: values.optional(),
          }),
        )
        .optional(),
      options: z.record(z.string(), option).optional(),
      exitCodes: z.record(z.string(), z.string()),
      examples: z.array(z.tuple([z.string(), z.string()])),
    }),
  ),
  options: z.record(z.string(), option),
});

/** The document of `sandbox` without a command, version 1. */
export const sandboxDocumentSchema = z.strictObject({
  version: z.literal(1),
  command: z.literal('sandbox'),
  accountId: z.string(),
  region: z.string(),
  endpoint: z.url(),
  unset: z.array(z.string()),
  set: z.record(z.string(), z.string()),
});

/** The document of `version`, version 1. */
export const versionDocumentSchema = z.strictObject({
  version: z.literal(1),
  command: z.literal('version'),
  crc: z.string(),
});

/** The document of `demo`, version 1. */
export const demoDocumentSchema = z.strictObject({
  version: z.literal(1),
  command: z.literal('demo'),
  status: z.literal('succeeded'),
  steps: z.array(
    z.strictObject({
      title: z.string(),
      command: z.string().nullable(),
      exitCode: z.int(),
      lines: z.array(z.string()),
    }),
  ),
  durationMs: z.int(),
});

/** The document of `completion`, version 1. */
export const completionDocumentSchema = z.strictObject({
  version: z.literal(1),
  command: z.literal('completion'),
  shell: z.enum(['bash', 'zsh', 'fish']),
  script: z.string(),
});
