import * as z from 'zod/mini';
import { accountId, projectName, region, tagKey, tagValue } from './names.ts';
import { GITHUB_PROVIDER, lockTable, oidcProvider, stateBucket } from './schema-backend.ts';
import { lambdaFunction } from './schema-function.ts';
import { role } from './schema-role.ts';
import { documentation, text } from './schema-values.ts';

// A config is validated once per run, so compiling the checks costs more than it saves.
z.config({ jitless: true });

/** AWS's limit of 50, minus `ManagedBy` and `crc:project`. */
const MAX_TAGS = 48;

/** Keys that differ from an earlier one only in case, paired with it. IAM: "Tag keys are case insensitive". */
function equalKeys(keys: readonly string[]): readonly (readonly [key: string, first: string])[] {
  const firsts = new Map<string, string>();
  return keys.flatMap((key) => {
    const first = firsts.get(key.toLowerCase());
    if (first === undefined) firsts.set(key.toLowerCase(), key);
    return first === undefined ? [] : [[key, first] as const];
  });
}

const tags = z
  ._default(
    z.record(text(tagKey), text(tagValue)).check(
      z.superRefine((values, context) => {
        for (const [key, first] of equalKeys(Object.keys(values))) {
          const message = `differs from "${first}" only in case, which IAM ignores; leave one out`;
          context.addIssue({ code: 'custom', path: [key], message });
        }
      }),
      z.refine((values) => Object.keys(values).length <= MAX_TAGS, {
        error: `must have at most ${MAX_TAGS} tags: AWS allows 50, and two are crc's own`,
      }),
    ),
    {},
  )
  .register(documentation, {
    description:
      "Tags for everything that can be tagged except the OIDC provider, in addition to crc's own ManagedBy and crc:project.",
    examples: [{ Project: 'cloud-resume' }],
  });

/**
 * The parts with a single value. Each is also validated on its own, so that rules across parts can run on the valid
 * ones.
 */
export const parts = {
  project: z.optional(
    text(projectName, {
      description:
        'Owner of what crc creates, recorded in the tag crc:project; crc never changes what another project owns. Default: the name of the state bucket.',
      examples: ['resume'],
      minLength: 1,
      maxLength: 128,
    }),
  ),
  region: text(region, {
    description:
      'The AWS region of the project: of the functions and their tables, and of the bucket unless it has its own.',
    examples: ['eu-west-2'],
  }),
  accountId: z.optional(
    text(accountId, {
      description: 'Guard: credentials of any other account are refused before anything is written. Recommended.',
      examples: ['123456789012'],
      pattern: '^[0-9]{12}$',
    }),
  ),
  tags,
  stateBucket,
  lockTable: z.optional(lockTable),
  oidcProvider: z._default(oidcProvider, GITHUB_PROVIDER),
};

/** The type of the entries in each list part, which are also validated on their own. */
export const listed = { roles: role, functions: lambdaFunction };

/** The whole `crc.config.json`. */
export const configSchema = z.strictObject({
  $schema: z.optional(z.string()).register(documentation, {
    description: 'Location of the JSON Schema, so that your editor validates the file and describes each key.',
    examples: ['./node_modules/crc-bootstrap/config.schema.json'],
  }),
  ...parts,
  roles: z
    ._default(z.array(listed.roles), [])
    .register(documentation, { description: 'Roles that GitHub Actions assumes, one for each kind of job.' }),
  functions: z
    ._default(z.array(listed.functions), [])
    .register(documentation, { description: 'Lambda functions that crc deploys.' }),
});

export type ParsedConfig = z.infer<typeof configSchema>;

/** A valid config with all defaults filled in. */
export type Config = Omit<ParsedConfig, '$schema' | 'project' | 'stateBucket'> & {
  readonly project: string;
  readonly stateBucket: ParsedConfig['stateBucket'] & { readonly region: string };
};
export type RoleConfig = z.infer<typeof role>;
export type FunctionConfig = z.infer<typeof lambdaFunction>;
