import * as z from 'zod/mini';
import {
  corsMethod,
  environmentName,
  handler,
  includedPath,
  origin,
  packageName,
  RETENTION_DAYS,
  RUNTIMES,
  runtime,
  sourceFolder,
} from './functions.ts';
import { functionName, policyArn, roleArn } from './names.ts';
import { statement } from './schema-role.ts';
import { functionTable } from './schema-table.ts';
import { functionTest } from './schema-test.ts';
import { documentation, text, unique, wholeNumber } from './schema-values.ts';

const header = z.string().check(z.minLength(1), z.maxLength(1_024));

const cors = z.strictObject({
  allowOrigins: z.optional(unique(text(origin), 100)).register(documentation, {
    description: 'Sites that may call the function from a browser: scheme and host, or "*".',
    examples: [['https://resume.example.com']],
  }),
  allowMethods: z
    .optional(unique(text(corsMethod), 6))
    .register(documentation, { description: 'HTTP methods that those sites may use.', examples: [['GET']] }),
  allowHeaders: z.optional(unique(header, 100)).register(documentation, {
    description: 'Request headers that those sites may send.',
    examples: [['content-type']],
  }),
  exposeHeaders: z
    .optional(unique(header, 100))
    .register(documentation, { description: 'Response headers that those sites may read.', examples: [['x-total']] }),
  allowCredentials: z.optional(z.boolean()).register(documentation, {
    description: 'Whether those sites may send cookies. Not together with the origin "*".',
    examples: [true],
  }),
  maxAgeSeconds: z.optional(
    wholeNumber(0, 86_400, 'Seconds for which a browser caches the preflight response.', 3_600),
  ),
});

export const lambdaFunction = z.strictObject({
  name: text(functionName, {
    description: 'Name of the function. Its role is named after it, with -execution at the end.',
    examples: ['IncrementVisits'],
    minLength: 1,
    maxLength: 54,
  }),
  source: text(sourceFolder, {
    description:
      'Folder of the source, relative to the config file. TypeScript and JavaScript are bundled, Python is zipped as it is.',
    examples: ['functions/increment-visits'],
  }),
  include: z.optional(unique(text(includedPath), 100)).register(documentation, {
    description:
      'Files that the function reads while it runs, as paths or globs in source. Without it, a bundle contains only code.',
    examples: [['page.html', 'templates/**']],
  }),
  external: z.optional(unique(text(packageName), 100)).register(documentation, {
    description:
      'npm packages that are not bundled, but copied next to the bundle with all their dependencies; left out if they are not installed.',
    examples: [['geoip-lite']],
  }),
  runtime: text(runtime, {
    description: 'The Lambda runtime.',
    examples: ['nodejs24.x'],
    enum: [...RUNTIMES],
  }),
  handler: text(handler, {
    description: 'What Lambda calls: FILE.EXPORT, relative to source.',
    examples: ['index.handler'],
  }),
  architecture: z.optional(z.enum(['arm64', 'x86_64'])).register(documentation, {
    description: 'The instruction set. Without it crc does not manage it, and Lambda uses x86_64 for a new function.',
    examples: ['arm64'],
  }),
  memoryMb: z.optional(
    wholeNumber(
      128,
      10_240,
      'Memory in MB. Without it crc does not manage it, and Lambda uses 128 for a new function.',
      128,
    ),
  ),
  timeoutSeconds: z.optional(
    wholeNumber(
      1,
      900,
      'Seconds after which Lambda ends a call. Without it crc does not manage it, and Lambda uses 3 for a new function.',
      10,
    ),
  ),
  environment: z
    .optional(
      z.record(text(environmentName), z.string()).check(
        z.refine((values) => new TextEncoder().encode(JSON.stringify(values)).length <= 4_096, {
          error: 'is over 4 KB (4096 bytes as JSON), the limit of Lambda',
        }),
      ),
    )
    .register(documentation, {
      description:
        'All environment variables of the function; crc never prints their values. Without it crc does not manage them.',
      examples: [{ TABLE_NAME: 'Visits' }],
    }),
  table: z.optional(functionTable),
  statements: z._default(z.array(statement), []).register(documentation, {
    description:
      'Your own IAM statements for the execution role of the function: what it needs beyond its table and its log.',
    examples: [[{ Effect: 'Allow', Action: 'sns:Publish', Resource: 'arn:aws:sns:eu-west-2:123456789012:visits' }]],
  }),
  permissionsBoundary: z.optional(
    text(policyArn, {
      description:
        'ARN of a permissions boundary of the execution role. Without it crc does not manage the boundary, and never removes one.',
      examples: ['arn:aws:iam::123456789012:policy/Boundary'],
    }),
  ),
  role: z.optional(
    text(roleArn, {
      description:
        'ARN of an existing execution role. crc then creates none and changes nothing about this one: it must allow everything that the function does, including writing its log.',
      examples: ['arn:aws:iam::123456789012:role/my-function'],
    }),
  ),
  reservedConcurrency: z.optional(
    wholeNumber(
      0,
      100_000,
      'The most calls that may run at once; the account reserves as many for this function. 0 disables the function. Without it crc does not manage it.',
      5,
    ),
  ),
  url: z
    .optional(
      z.strictObject({
        authType: z._default(z.enum(['NONE', 'AWS_IAM']), 'NONE').register(documentation, {
          description:
            'NONE: anyone may call the URL. AWS_IAM: only callers who sign the request and are allowed to, such as CloudFront with an origin access control.',
          examples: ['NONE'],
        }),
        cors: z.optional(cors).register(documentation, {
          description: 'Which sites may call the URL from a browser. Without it, no other site may.',
        }),
      }),
    )
    .register(documentation, {
      description: 'A URL for the function, public unless authType says otherwise.',
      examples: [{}],
    }),
  test: z.optional(functionTest),
  logRetentionDays: z
    .optional(
      z.number().check(
        z.refine((days) => (RETENTION_DAYS as readonly number[]).includes(days), {
          error: `must be one of ${RETENTION_DAYS.join(', ')}`,
        }),
      ),
    )
    .register(documentation, {
      description: 'Days for which CloudWatch keeps the logs. Without it crc does not manage the retention.',
      enum: [...RETENTION_DAYS],
      examples: [14],
    }),
});
