import * as z from 'zod';
import { account, cost, error, foreignObject, head, incomplete } from './common.ts';

const document = <C extends string, S extends z.ZodRawShape>(command: C, shape: S) =>
  z.strictObject({ ...head, command: z.literal(command), ...shape });

/** The document of `invoke`. */
export const invokeDocumentSchema = document('invoke', {
  ...account,
  status: z.enum(['succeeded', 'failed']),
  function: z.string(),
  mode: z.enum(['local', 'remote']),
  statusCode: z.int().nullable().describe('null if the function failed'),
  body: z.string(),
  functionError: z.string().nullable(),
  log: z.string(),
  ...cost,
});

/** The document of `outputs`. */
export const outputsDocumentSchema = document('outputs', {
  ...incomplete,
  roles: z.record(z.string(), z.string()).describe('ARNs by name'),
  bucket: z.string().optional().describe('omitted if it is missing'),
  table: z.string().nullable().optional().describe('null if the config has none; omitted if it is missing'),
  oidcProvider: z.string().optional().describe('its ARN; omitted if it is missing'),
  functions: z.record(z.string(), z.strictObject({ url: z.string().nullable() })),
  backends: z.record(z.string(), foreignObject).describe("arguments of Terraform's S3 backend, by key"),
});

/** The documents of `backend` and `backend --check`. */
export const backendDocumentSchema = z.union([
  document('backend', { key: z.string(), backend: foreignObject.describe("arguments of Terraform's S3 backend") }),
  document('backend', {
    status: z.enum(['ok', 'problems']).describe('only with --check'),
    backends: z.array(
      z.strictObject({
        directory: z.string(),
        key: z.string().nullable().describe('null if only Terraform can determine it'),
        bucket: z.string().nullable(),
        problems: z.array(
          z.strictObject({
            id: z.string().describe('a section of docs/backend.md'),
            message: z.string(),
            fix: z.string(),
          }),
        ),
      }),
    ),
  }),
]);

/** The document of `workflow`. */
export const workflowDocumentSchema = document('workflow', { yaml: z.string() });

/** The document of `permissions`. */
export const permissionsDocumentSchema = document('permissions', {
  for: z.string().describe('the command that the policy is for'),
  policy: foreignObject.describe('an IAM policy'),
});

const statements = z.array(foreignObject);

const managedPolicies = z.strictObject({
  documents: z.array(foreignObject).describe('IAM policies'),
  why: z.string(),
});

/** The document of `permissions terraform`. */
export const permissionsTerraformDocumentSchema = document('permissions terraform', {
  accountId: z
    .string()
    .regex(/^(\d{12}|\*)$/)
    .describe('`*` if it is not in the config'),
  region: z.string(),
  status: z
    .enum(['found', 'failed'])
    .describe('failed: Terraform failed, and the document contains what was found until then'),
  phases: z
    .strictObject({ plan: statements, apply: statements, destroy: statements.describe('empty with --no-destroy') })
    .describe('IAM statements; each phase includes those of the previous one'),
  policies: z
    .strictObject({
      plan: managedPolicies.optional(),
      apply: managedPolicies.optional(),
      destroy: managedPolicies.optional(),
    })
    .optional()
    .describe(
      'for each phase that is too long for the inline policies of a role: the same statements as managed policies',
    ),
  reasons: z.record(z.string(), z.array(z.string())).describe('addresses by action'),
  unknown: z
    .array(z.strictObject({ service: z.string(), operation: z.string(), address: z.string() }))
    .describe('calls whose permissions crc does not know'),
  unneeded: z
    .array(z.strictObject({ role: z.string(), sids: z.array(z.string()) }))
    .optional()
    .describe(
      'statements in the config that an earlier run wrote and this run does not need, by role; `--write` removes them',
    ),
  error: error.optional(),
  durationMs: z.int(),
});

/** The document of `export`. */
export const exportDocumentSchema = document('export', { hcl: z.string() });

const text = z.string().nullable();

const surveySchema = z.strictObject({
  terraform: z.array(
    z.strictObject({
      directory: z.string(),
      backends: z.array(
        z.strictObject({
          type: z.string().describe('s3, cloud, remote, local, …'),
          bucket: text,
          key: text,
          region: text,
          dynamodbTable: text,
          useLockfile: z.boolean(),
          profile: text,
          workspaceKeyPrefix: text,
          unknown: z.array(z.string()).describe('arguments that only Terraform can determine'),
          place: z.string(),
        }),
      ),
      providers: z.array(z.strictObject({ name: z.string(), alias: text, region: text })),
      terraformVersion: text,
      localStates: z.array(z.string()),
      unread: z.array(z.string()).describe('places that are not valid HCL or JSON: main.tf:12'),
    }),
  ),
  committedStates: z.array(z.string()).describe('state files in git'),
  workflows: z.array(
    z.strictObject({
      path: z.string(),
      appliesTerraform: z.boolean(),
      logins: z.array(z.strictObject({ job: z.string(), with: z.enum(['access-keys', 'oidc']), role: text })),
    }),
  ),
  functions: z.array(
    z.strictObject({ directory: z.string(), language: z.enum(['python', 'node']), handler: z.string() }),
  ),
  frameworks: z.array(z.strictObject({ path: z.string(), kind: z.enum(['serverless', 'sam']) })),
});

const proposalSchema = z.strictObject({
  adopt: z
    .strictObject({ bucket: text, lockTable: text, region: text })
    .describe("existing resources, for bootstrap --adopt; region: of both, null for the project's region"),
  states: z.array(z.strictObject({ key: z.string(), directory: z.string(), exists: z.boolean() })),
  commands: z.array(z.string()).describe('command lines to run after bootstrap, in order'),
  workflowDirectory: z.string().describe('the folder in which the workflow runs Terraform'),
  logins: z
    .array(z.strictObject({ path: z.string(), jobs: z.array(z.string()), patch: text }))
    .describe('workflows with access keys; patch: for git apply, null if it must be changed manually'),
  notes: z.array(z.string()),
});

const accountSchema = z.strictObject({
  accountId: z.string(),
  region: z.string().describe('region of the bucket'),
  bucket: z.string(),
  lockTable: text,
  oidcProvider: text.describe('URL; null if the account has none'),
  roles: z.array(z.string()).describe('roles that trust the repository'),
  leftOut: z.array(z.string()).describe('roles that trust the repository in a way that the config cannot express'),
  functions: z.array(z.strictObject({ name: z.string(), source: z.string() })),
  changes: z
    .array(z.strictObject({ id: z.string(), path: text.describe('null: will be created') }))
    .describe('what bootstrap --adopt would change with this config, except for tags'),
});

/** The document of `init`. */
export const initDocumentSchema = document('init', {
  files: z.array(
    z.strictObject({
      path: z.string(),
      outcome: z.enum(['written', 'planned', 'kept', 'unchanged']).describe('planned: with --dry-run'),
    }),
  ),
  survey: surveySchema.optional().describe('what was found in the repository; omitted if nothing was found'),
  proposal: proposalSchema.optional().describe('what crc proposes for it'),
  account: accountSchema.optional().describe('what was found in the account, with --from-account'),
});

/** The document of `demo`. */
export const demoDocumentSchema = document('demo', {
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

/** The document of `sandbox` without a command. With a command, stdout contains only the command's output. */
export const sandboxDocumentSchema = document('sandbox', {
  accountId: z.string(),
  region: z.string(),
  endpoint: z.url(),
  unset: z.array(z.string()).describe('environment variables that would connect to something else'),
  set: z.record(z.string(), z.string()),
});

/** The document of `completion`. */
export const completionDocumentSchema = document('completion', {
  shell: z.enum(['bash', 'zsh', 'fish']),
  script: z.string(),
});

/** The document of `version`. */
export const versionDocumentSchema = document('version', { crc: z.string().describe('the version') });

const values = z.union([z.array(z.string()), z.string()]);

const option = z.strictObject({
  kind: z.enum(['switch', 'negated', 'value', 'optional-value', 'repeatable']),
  summary: z.string(),
  placeholder: z.string().optional(),
  default: z.string().optional(),
  values: values.optional(),
  destructive: z.literal(true).optional(),
});

/** The document of `help`. */
export const helpDocumentSchema = document('help', {
  commands: z
    .array(
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
              kind: z.enum(['required', 'optional', 'list', 'after']),
              placeholder: z.string(),
              summary: z.string(),
              values: values.optional(),
              isProgram: z.literal(true).optional().describe('another program and its arguments'),
            }),
          )
          .optional(),
        options: z.record(z.string(), option).optional(),
        exitCodes: z.record(z.string(), z.string()),
        examples: z.array(z.tuple([z.string(), z.string()])).describe('a command line, and what it does'),
      }),
    )
    .describe('the requested commands'),
  options: z.record(z.string(), option).describe('the options of every command'),
});
