import * as z from 'zod/mini';
import {
  corsMethod,
  environmentName,
  handler,
  origin,
  RETENTION_DAYS,
  RUNTIMES,
  runtime,
  sourceFolder,
} from './functions.ts';
import {
  accountId,
  audience,
  bucketName,
  type Check,
  functionName,
  keyArn,
  policyArn,
  policyName,
  projectName,
  providerUrl,
  region,
  roleName,
  tableName,
  tagKey,
  tagValue,
  thumbprint,
} from './names.ts';
import { stateKey } from './state-keys.ts';
import { repository, subject } from './subjects.ts';

// A config is checked once in a run: compiling the checks costs more than it saves.
z.config({ jitless: true });

/** A string that a check looks at; `meta` is what an editor shows and what JSON Schema can say of the rule. */
function text(check: Check, meta: { readonly description?: string; readonly [keyword: string]: unknown } = {}) {
  return z.string().check(
    z.superRefine((value, context) => {
      const problem = check(value);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    }),
    z.meta(meta),
  );
}

function whole(least: number, most: number, description: string) {
  const message = `must be a whole number from ${least} to ${most}`;
  return z
    .int({ error: message })
    .check(z.minimum(least, { error: message }), z.maximum(most, { error: message }), z.meta({ description }));
}

/** A list in which each value stands once. */
function unique<T extends z.ZodMiniType>(item: T, most: number, least = 0) {
  return z.array(item).check(
    z.minLength(least, { error: `must have at least ${least} ${least === 1 ? 'entry' : 'entries'}` }),
    z.maxLength(most, { error: `must have at most ${most} entries` }),
    z.superRefine((values, context) => {
      values.forEach((value, index) => {
        if (values.indexOf(value) !== index) {
          context.addIssue({ code: 'custom', path: [index], message: 'stands here twice; leave one out' });
        }
      });
    }),
  );
}

const objectLock = z
  .union(
    [
      z.literal(false),
      z.strictObject({
        mode: z
          .enum(['COMPLIANCE', 'GOVERNANCE'])
          .check(z.describe('COMPLIANCE: nobody, not even root, deletes a version before its days are over.')),
        days: whole(1, 36_500, 'Days for which each new object version is kept.'),
      }),
    ],
    { error: 'must be false, or like { "mode": "GOVERNANCE", "days": 5 }' },
  )
  .check(z.describe('Default retention of every new version of a state. Cannot be taken back once set.'));

function keyProblem(algorithm: string, key: string | undefined): string | undefined {
  if (algorithm === 'aws:kms' && key === undefined) {
    return 'is missing: aws:kms needs a key; write its full ARN, or "AES256" as the algorithm';
  }
  if (algorithm === 'AES256' && key !== undefined) {
    return 'does not go with AES256, which has no key; leave it out, or write "aws:kms" as the algorithm';
  }
  return undefined;
}

const stateBucket = z.strictObject({
  name: text(bucketName, {
    description: 'The bucket of all states; its name is taken worldwide.',
    minLength: 3,
    maxLength: 63,
  }),
  objectLock: z._default(objectLock, false),
  encryption: z
    ._default(
      z
        .strictObject({
          algorithm: z.enum(['AES256', 'aws:kms']),
          keyArn: z.optional(text(keyArn, { description: 'The full ARN of the KMS key; needed with aws:kms.' })),
        })
        .check(
          z.superRefine(({ algorithm, keyArn: key }, context) => {
            const problem = keyProblem(algorithm, key);
            if (problem !== undefined) context.addIssue({ code: 'custom', path: ['keyArn'], message: problem });
          }),
        ),
      { algorithm: 'AES256' },
    )
    .check(z.describe('Default encryption of the bucket.')),
  noncurrentVersions: z.optional(
    z
      .strictObject({
        expireAfterDays: whole(1, 36_500, 'Days after which a version that is not the newest is deleted.'),
        keep: z.optional(whole(1, 100, 'How many of them are kept all the same.')),
      })
      .check(z.describe('Deletes old versions of states. Without it all are kept.')),
  ),
});

const capacity = z.union(
  [
    z.literal('on-demand'),
    z
      .literal('unmanaged')
      .check(z.describe('Created with 5 read and 5 write units, then left to Application Auto Scaling.')),
    z.strictObject({
      read: whole(1, 40_000, 'Read capacity units.'),
      write: whole(1, 40_000, 'Write capacity units.'),
    }),
  ],
  { error: 'must be "on-demand", "unmanaged", or like { "read": 5, "write": 5 }' },
);

const lockTable = z.strictObject({
  name: text(tableName, { minLength: 3, maxLength: 255 }),
  capacity: z._default(capacity, { read: 5, write: 5 }),
  lockFile: z._default(z.boolean(), false).check(z.describe('Use the S3 lock file as well as the table.')),
});

const oidcProvider = z.strictObject({
  url: z._default(text(providerUrl), 'https://token.actions.githubusercontent.com'),
  audiences: z._default(unique(text(audience, { minLength: 1, maxLength: 255 }), 100, 1), ['sts.amazonaws.com']),
  thumbprints: z
    ._default(unique(text(thumbprint), 5), [])
    .check(z.describe('Optional: AWS does not check them for GitHub. Added when missing, never removed.')),
});

const nonEmpty = z.string().check(z.minLength(1));

const oneOrMany = z.optional(
  z.union([nonEmpty, z.array(nonEmpty).check(z.minLength(1))], { error: 'must be a string or a list of strings' }),
);

const statement = z
  .strictObject({
    Sid: z.optional(
      z.string().check(
        z.regex(/^[A-Za-z0-9]*$/, { error: 'may only have letters and digits' }),
        z.refine((sid) => !/^crc/i.test(sid), {
          error: 'must not start with "Crc", which crc uses for its own statements',
        }),
      ),
    ),
    Effect: z.enum(['Allow', 'Deny']),
    Action: oneOrMany,
    NotAction: oneOrMany,
    Resource: oneOrMany,
    NotResource: oneOrMany,
    Condition: z.optional(z.record(z.string(), z.record(z.string(), z.unknown()))),
  })
  .check(
    z.superRefine((value, context) => {
      const pairs = [
        ['Action', 'NotAction'],
        ['Resource', 'NotResource'],
      ] as const;
      for (const [key, not] of pairs) {
        if ((value[key] === undefined) !== (value[not] === undefined)) continue;
        context.addIssue({ code: 'custom', message: `must have either ${key} or ${not}` });
      }
    }),
  );

const role = z.strictObject({
  name: text(roleName, { minLength: 1, maxLength: 64 }),
  policyName: z._default(text(policyName, { minLength: 1, maxLength: 128 }), 'TerraformPolicy'),
  trust: z
    .strictObject({
      repository: text(repository, { description: 'owner/name on GitHub. Capital letters count.' }),
      ownerId: z.optional(whole(1, Number.MAX_SAFE_INTEGER, "The owner's id on GitHub, for immutable subjects.")),
      repositoryId: z.optional(whole(1, Number.MAX_SAFE_INTEGER, "The repository's id on GitHub.")),
      subjects: unique(text(subject), 100, 1).check(
        z.describe(
          'Which jobs: "ref:refs/heads/main", "environment:production", "pull_request", "ref:refs/tags/v*", "*".',
        ),
      ),
    })
    .check(z.describe('Whose GitHub jobs may assume the role.')),
  state: z._default(
    z.array(
      z.strictObject({
        key: text(stateKey, { description: 'The state object in the bucket. One role writes it.' }),
        access: z.enum(['read', 'write']),
      }),
    ),
    [],
  ),
  crc: z
    ._default(unique(z.enum(['verify', 'deploy-function']), 2), [])
    .check(
      z.describe(
        'What this role may run of crc: "verify" reads, "deploy-function" ships code and settings, nothing else.',
      ),
    ),
  statements: z._default(z.array(statement), []).check(z.describe('Your own IAM statements, added to the policy.')),
  managedPolicyArns: z._default(unique(text(policyArn), 20), []),
  maxSessionSeconds: z._default(whole(3_600, 43_200, 'Longest session, in seconds: 1 to 12 hours.'), 3_600),
  permissionsBoundary: z.optional(text(policyArn, { description: 'Omitted: not managed, never removed.' })),
});

const header = z.string().check(z.minLength(1), z.maxLength(1_024));

const cors = z.strictObject({
  allowOrigins: z.optional(unique(text(origin), 100)),
  allowMethods: z.optional(unique(text(corsMethod), 6)),
  allowHeaders: z.optional(unique(header, 100)),
  exposeHeaders: z.optional(unique(header, 100)),
  allowCredentials: z.optional(z.boolean()),
  maxAgeSeconds: z.optional(whole(0, 86_400, 'Seconds for which a browser remembers the answer.')),
});

const lambdaFunction = z.strictObject({
  name: text(functionName, { minLength: 1, maxLength: 54 }),
  source: text(sourceFolder, { description: 'The folder of the function, relative to this file.' }),
  runtime: text(runtime, { description: `One of ${RUNTIMES.join(', ')}.`, enum: [...RUNTIMES] }),
  handler: text(handler, { description: 'FILE.EXPORT' }),
  architecture: z.optional(z.enum(['arm64', 'x86_64'])),
  memoryMb: z.optional(whole(128, 10_240, 'Memory in MB.')),
  timeoutSeconds: z.optional(whole(1, 900, 'Seconds until Lambda ends an invocation.')),
  environment: z.optional(
    z.record(text(environmentName), z.string()).check(
      z.refine((values) => new TextEncoder().encode(JSON.stringify(values)).length <= 4_096, {
        error: 'is over 4 KB (4096 bytes as JSON), the most that Lambda takes',
      }),
    ),
  ),
  table: z
    .optional(
      z.strictObject({
        name: text(tableName, { minLength: 3, maxLength: 255 }),
        hashKey: z.string().check(z.minLength(1), z.maxLength(255)),
      }),
    )
    .check(z.describe("Created, and the only thing the function's role may update.")),
  url: z.optional(z.strictObject({ cors: z.optional(cors) })).check(z.describe('A public URL for the function.')),
  logRetentionDays: z
    .optional(
      z.number().check(
        z.refine((days) => (RETENTION_DAYS as readonly number[]).includes(days), {
          error: `must be one of ${RETENTION_DAYS.join(', ')}`,
        }),
      ),
    )
    .check(z.meta({ enum: [...RETENTION_DAYS] })),
});

/** 50 less `ManagedBy` and `crc:project`. */
const MAX_TAGS = 48;

/** Keys that differ from an earlier one in case only, with that one: "Tag keys are case insensitive", says IAM. */
function equalKeys(keys: readonly string[]): readonly (readonly [key: string, first: string])[] {
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  return keys.flatMap((key, index) => {
    const first = keys.find((one) => same(one, key));
    return first === undefined || keys.indexOf(first) === index ? [] : [[key, first] as const];
  });
}

const tags = z
  ._default(
    z.record(text(tagKey), text(tagValue)).check(
      z.superRefine((values, context) => {
        for (const [key, first] of equalKeys(Object.keys(values))) {
          const message = `differs from "${first}" in case only, and IAM takes them for one tag; leave one out`;
          context.addIssue({ code: 'custom', path: [key], message });
        }
      }),
      z.refine((values) => Object.keys(values).length <= MAX_TAGS, {
        error: `must have at most ${MAX_TAGS} tags: AWS takes 50, and two are crc's own`,
      }),
    ),
    {},
  )
  .check(
    z.describe("On everything that takes tags but the OIDC provider, beside crc's own ManagedBy=crc and crc:project."),
  );

/** The parts of the config, each checked by itself too, so that the rules across them can run on those that are right. */
export const parts = {
  project: z.optional(
    text(projectName, {
      description:
        'Owner of what crc creates, recorded in the tag crc:project: what another project owns is not changed. Default: the name of the state bucket.',
      minLength: 1,
      maxLength: 128,
    }),
  ),
  region: text(region, { description: 'AWS region of the bucket and the tables.' }),
  accountId: z.optional(
    text(accountId, {
      description: 'Guard: credentials of any other account are refused.',
      pattern: '^[0-9]{12}$',
    }),
  ),
  tags,
  stateBucket,
  lockTable: z.optional(lockTable).check(z.describe('Locks in DynamoDB. Without it: the S3 lock file alone.')),
  oidcProvider: z._default(oidcProvider, {
    url: 'https://token.actions.githubusercontent.com',
    audiences: ['sts.amazonaws.com'],
    thumbprints: [],
  }),
  role,
  lambdaFunction,
};

/** `crc.config.json` as a whole. */
export const configSchema = z.strictObject({
  $schema: z.optional(z.string()),
  project: parts.project,
  region: parts.region,
  accountId: parts.accountId,
  tags: parts.tags,
  stateBucket: parts.stateBucket,
  lockTable: parts.lockTable,
  oidcProvider: parts.oidcProvider,
  roles: z._default(z.array(parts.role), []),
  functions: z._default(z.array(parts.lambdaFunction), []),
});

export type ParsedConfig = z.infer<typeof configSchema>;

/** A config that is right, with every default filled in. */
export type Config = Omit<ParsedConfig, '$schema' | 'project'> & { readonly project: string };
export type StateBucketConfig = z.infer<typeof stateBucket>;
export type RoleConfig = z.infer<typeof role>;
export type FunctionConfig = z.infer<typeof lambdaFunction>;
