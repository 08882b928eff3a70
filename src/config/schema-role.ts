import * as z from 'zod/mini';
import { DEFAULT_WORKSPACE_PREFIX } from '../policies/terraform.ts';
import { policyArn, policyName, roleDescription, roleName, rolePath } from './names.ts';
import { documentation, text, unique, wholeNumber } from './schema-values.ts';
import { stateKey, workspaceKeyPrefix } from './state-keys.ts';
import { conditionOperator, conditionValue, iamAction, iamResource } from './statement-rules.ts';
import { repository, subject } from './subjects.ts';

const oneOrMany = (item: z.ZodMiniString, description: string, example: string) =>
  z
    .optional(
      z.union([item, z.array(item).check(z.minLength(1, { error: 'must have at least 1 entry' }))], {
        error: 'must be a string or a list of strings',
      }),
    )
    .register(documentation, { description, examples: [example] });

/** One IAM statement of the user's own. */
export const statement = z
  .strictObject({
    Sid: z.optional(
      z
        .string()
        .check(
          z.regex(/^[A-Za-z0-9]*$/, { error: 'may only contain letters and digits' }),
          z.refine((sid) => !/^crc/i.test(sid), {
            error: 'must not start with "Crc", which crc uses for its own statements',
          }),
        )
        .register(documentation, {
          description: 'Name of the statement, different from the others in its role.',
          examples: ['Site'],
        }),
    ),
    Effect: z
      .enum(['Allow', 'Deny'])
      .register(documentation, { description: 'Whether the statement allows or denies.', examples: ['Allow'] }),
    Action: oneOrMany(iamAction, 'The actions, as a string or a list.', 's3:GetObject'),
    NotAction: oneOrMany(iamAction, 'All actions except these, instead of Action.', 'iam:*'),
    Resource: oneOrMany(iamResource, 'The ARNs, as a string or a list.', 'arn:aws:s3:::resume-site/*'),
    NotResource: oneOrMany(iamResource, 'All ARNs except these, instead of Resource.', 'arn:aws:s3:::other/*'),
    Condition: z
      .optional(z.record(text(conditionOperator), z.record(z.string(), conditionValue)))
      .register(documentation, {
        description: 'IAM conditions, by operator and key.',
        examples: [{ StringEquals: { 'aws:RequestedRegion': 'eu-west-2' } }],
      }),
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

/** The trusted jobs of one repository. */
const trustedRepository = z
  .strictObject({
    repository: text(repository, {
      description: 'The GitHub repository as owner/name. It is case-sensitive.',
      examples: ['octocat/resume'],
    }),
    ownerId: z.optional(
      wholeNumber(
        1,
        Number.MAX_SAFE_INTEGER,
        "GitHub's id of the owner. With both ids the role also trusts the immutable subjects of repositories created or renamed after 15 July 2026.",
        583231,
      ),
    ),
    repositoryId: z.optional(
      wholeNumber(1, Number.MAX_SAFE_INTEGER, "GitHub's id of the repository; requires ownerId.", 1296269),
    ),
    subjects: unique(text(subject), 100, 1).register(documentation, {
      description:
        'The jobs that may assume the role: "ref:refs/heads/main", "ref:refs/tags/v*", "environment:production", "pull_request" or "*". * and ? are wildcards.',
      examples: [['ref:refs/heads/main']],
    }),
  })
  .register(documentation, {
    description: 'The GitHub repository whose jobs may assume the role.',
    examples: [{ repository: 'octocat/resume', subjects: ['ref:refs/heads/main'] }],
  });

/** One repository or several; all their subjects are in one statement of the trust policy. */
const trust = z
  .union(
    [trustedRepository, z.array(trustedRepository).check(z.minLength(1, { error: 'must have at least 1 entry' }))],
    {
      error:
        'must be like { "repository": "octocat/resume", "subjects": ["ref:refs/heads/main"] }, or a list of such objects',
    },
  )
  .register(documentation, {
    description: 'The GitHub repository whose jobs may assume the role, or a list for several repositories.',
    examples: [{ repository: 'octocat/resume', subjects: ['ref:refs/heads/main'] }],
  });

export const role = z.strictObject({
  name: text(roleName, {
    description: 'Name of the role.',
    examples: ['GitHubActionsTerraformRole'],
    minLength: 1,
    maxLength: 64,
  }),
  path: z._default(text(rolePath), '/').register(documentation, {
    description: 'Path of the role, a part of its ARN. IAM cannot change it once the role exists.',
    examples: ['/ci/'],
  }),
  description: z.optional(text(roleDescription)).register(documentation, {
    description:
      'Description of the role, if it had a different one before crc managed it; "" for none. Default: "Managed by crc".',
    examples: ['Deploys the site'],
    maxLength: 1000,
  }),
  policyName: z._default(text(policyName), 'TerraformPolicy').register(documentation, {
    description: 'Name of the inline policy that crc writes.',
    minLength: 1,
    maxLength: 128,
  }),
  trust,
  state: z
    ._default(
      z.array(
        z.strictObject({
          key: text(stateKey, {
            description: 'Key of the state object in the bucket. Only one role may write a key.',
            examples: ['resume/terraform.tfstate'],
          }),
          access: z.enum(['read', 'write']).register(documentation, {
            description: '"write" for plan and apply; "read" for plan -lock=false.',
            examples: ['write'],
          }),
          workspaceKeyPrefix: z._default(text(workspaceKeyPrefix), DEFAULT_WORKSPACE_PREFIX).register(documentation, {
            description:
              'Where Terraform keeps the states of workspaces: workspace_key_prefix of the backend block. Must be the same for all roles that have the key.',
            examples: ['workspaces'],
          }),
        }),
      ),
      [],
    )
    .register(documentation, {
      description: 'The Terraform states that the role may use.',
      examples: [[{ key: 'resume/terraform.tfstate', access: 'write' }]],
    }),
  crc: z
    ._default(unique(z.enum(['verify', 'deploy-function', 'state-check', 'audit']), 4), [])
    .register(documentation, {
      description:
        'crc commands that the role may run: "verify" reads everything; "deploy-function" updates code and settings of existing functions, and changes nothing else; "state-check" reads all Terraform states and locks; "audit" reads all roles of the account with their policies.',
      examples: [['verify']],
    }),
  statements: z._default(z.array(statement), []).register(documentation, {
    description: 'Your own IAM statements: what your Terraform needs to create your infrastructure.',
    examples: [[{ Effect: 'Allow', Action: 's3:PutObject', Resource: 'arn:aws:s3:::resume-site/*' }]],
  }),
  inlinePolicies: z._default(z.record(text(policyName), z.array(statement)), {}).register(documentation, {
    description:
      'More inline policies by name, each a list of statements, for a role that has several. An empty list: the role has no such policy.',
    examples: [{ Site: [{ Effect: 'Allow', Action: 's3:PutObject', Resource: 'arn:aws:s3:::resume-site/*' }] }],
  }),
  managedPolicyArns: z._default(unique(text(policyArn), 20), []).register(documentation, {
    description: 'ARNs of managed policies that are attached to the role.',
    examples: [['arn:aws:iam::aws:policy/ReadOnlyAccess']],
  }),
  maxSessionSeconds: z._default(wholeNumber(3_600, 43_200, 'Longest session in seconds: 1 to 12 hours.', 7_200), 3_600),
  permissionsBoundary: z.optional(
    text(policyArn, {
      description: 'ARN of a permissions boundary. Without it crc does not manage the boundary, and never removes one.',
      examples: ['arn:aws:iam::123456789012:policy/Boundary'],
    }),
  ),
});
