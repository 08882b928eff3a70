import * as z from 'zod/mini';
import { DEFAULT_AUDIENCE } from '../policies/trust.ts';
import { audience, bucketName, keyArn, providerUrl, region, tableName, thumbprint } from './names.ts';
import { documentation, text, unique, wholeNumber } from './schema-values.ts';

const objectLock = z
  .union(
    [
      z.literal(false),
      z.strictObject({
        mode: z.enum(['COMPLIANCE', 'GOVERNANCE']).register(documentation, {
          description:
            'COMPLIANCE: nobody, not even the root user, can delete a version before its retention ends. GOVERNANCE: only users with s3:BypassGovernanceRetention can.',
          examples: ['COMPLIANCE'],
        }),
        days: wholeNumber(1, 36_500, 'Number of days for which each new version is kept.', 5),
      }),
    ],
    { error: 'must be false, or like { "mode": "GOVERNANCE", "days": 5 }' },
  )
  .register(documentation, {
    description:
      'Default retention of each new version of a state, or false for none. S3 cannot turn Object Lock off again, and crc never shortens the retention.',
    examples: [{ mode: 'COMPLIANCE', days: 5 }],
  });

function keyProblem(algorithm: string, key: string | undefined): string | undefined {
  if (algorithm === 'AES256' && key !== undefined) {
    return 'cannot be used with AES256, which has no key; leave it out, or set the algorithm to "aws:kms"';
  }
  return undefined;
}

const KEY_ARN = 'arn:aws:kms:eu-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';

export const stateBucket = z
  .strictObject({
    name: text(bucketName, {
      description:
        'Name of the bucket. It must be globally unique; a name that ends in -ACCOUNT-REGION-an is created in the namespace of your own account.',
      examples: ['resume-terraform-state'],
      minLength: 3,
      maxLength: 63,
    }),
    region: z.optional(
      text(region, {
        description:
          "The AWS region of the bucket, and of the lock table: Terraform's S3 backend has one region for both. Default: the region of the project. --region does not change it.",
        examples: ['us-east-1'],
      }),
    ),
    objectLock: z._default(objectLock, false),
    encryption: z
      ._default(
        z
          .strictObject({
            algorithm: z.enum(['AES256', 'aws:kms', 'aws:kms:dsse']).register(documentation, {
              description:
                'AES256: keys that S3 manages. aws:kms: a KMS key. aws:kms:dsse: two layers of KMS encryption.',
              examples: ['AES256'],
            }),
            keyArn: z.optional(
              text(keyArn, {
                description:
                  "The KMS key, by its full ARN or its alias (alias/NAME). Without it aws:kms uses AWS's own key (aws/s3). Not allowed with AES256.",
                examples: [KEY_ARN],
              }),
            ),
            bucketKey: z.optional(z.boolean()).register(documentation, {
              description:
                'Whether S3 uses a bucket key, which saves most KMS requests. Only with aws:kms, where the default is true.',
              examples: [false],
            }),
          })
          .check(
            z.superRefine(({ algorithm, keyArn: key, bucketKey }, context) => {
              const problem = keyProblem(algorithm, key);
              if (problem !== undefined) context.addIssue({ code: 'custom', path: ['keyArn'], message: problem });
              if (bucketKey === undefined || algorithm === 'aws:kms') return;
              const message = `can only be used with aws:kms; with ${algorithm} S3 does not use a bucket key, so leave it out`;
              context.addIssue({ code: 'custom', path: ['bucketKey'], message });
            }),
          ),
        { algorithm: 'AES256' },
      )
      .register(documentation, { description: 'Default encryption of the bucket.' }),
    noncurrentVersions: z.optional(
      z
        .strictObject({
          expireAfterDays: wholeNumber(
            1,
            36_500,
            'Days after which a version that is no longer the newest is deleted.',
            90,
          ),
          keep: z.optional(
            wholeNumber(1, 100, 'Number of newest noncurrent versions that are kept no matter how old they are.', 20),
          ),
        })
        .register(documentation, { description: 'Deletes old versions of states. Without it all versions are kept.' }),
    ),
  })
  .register(documentation, {
    description: 'The S3 bucket that holds all Terraform states.',
    examples: [{ name: 'resume-terraform-state' }],
  });

const UNITS = { read: 5, write: 5 };

/** Capacity of a table. */
export const capacity = z
  .union(
    [
      z.literal('on-demand'),
      z.literal('unmanaged'),
      z.strictObject({
        read: wholeNumber(1, 40_000, 'Read capacity units.', 5),
        write: wholeNumber(1, 40_000, 'Write capacity units.', 5),
      }),
    ],
    { error: 'must be "on-demand", "unmanaged", or like { "read": 5, "write": 5 }' },
  )
  .register(documentation, {
    description:
      'Provisioned capacity units, "on-demand", or "unmanaged": created with 5 and 5 units, then left to Application Auto Scaling.',
    examples: ['on-demand'],
  });

export const lockTable = z
  .strictObject({
    name: text(tableName, {
      description: 'Name of the table.',
      examples: ['resume-terraform-locks'],
      minLength: 3,
      maxLength: 255,
    }),
    capacity: z._default(capacity, UNITS),
    lockFile: z
      ._default(z.boolean(), false)
      .register(documentation, { description: 'true: use the S3 lock file as well as the table.', examples: [true] }),
  })
  .register(documentation, {
    description: 'The DynamoDB table for state locks. Without it Terraform uses only the S3 lock file.',
    examples: [{ name: 'resume-terraform-locks' }],
  });

export const GITHUB_PROVIDER = {
  url: 'https://token.actions.githubusercontent.com',
  audiences: [DEFAULT_AUDIENCE],
  thumbprints: [],
};

export const oidcProvider = z
  .strictObject({
    url: z._default(text(providerUrl), GITHUB_PROVIDER.url).register(documentation, {
      description: 'Issuer of the tokens: GitHub, or your enterprise.',
      examples: ['https://token.actions.githubusercontent.com/octo-enterprise'],
    }),
    audiences: z._default(unique(text(audience), 100, 1), GITHUB_PROVIDER.audiences).register(documentation, {
      description: 'Audiences that a token may be issued for. Added when missing, never removed.',
    }),
    thumbprints: z._default(unique(text(thumbprint), 5), GITHUB_PROVIDER.thumbprints).register(documentation, {
      description:
        'SHA-1 thumbprints of certificates. AWS does not check them for GitHub. Added when missing, never removed.',
      examples: [['1b511abead59c6ce207077c0bf0e0043b1382612']],
    }),
  })
  .register(documentation, {
    description:
      'The identity provider through which GitHub Actions logs in. The whole account shares it, so crc only adds to it.',
  });
