import * as z from 'zod';
import { account, cost, error, head, leaf } from './common.ts';

const severity = z.enum(['none', 'low', 'medium', 'high', 'critical']);

const findings = z
  .array(
    z.strictObject({
      id: z.string().describe('a section of docs/audit.md'),
      severity: z.enum(['low', 'medium', 'high', 'critical']),
      message: z.string(),
      fix: z.string(),
      page: z.url().describe('address in the documentation'),
    }),
  )
  .describe('most severe first');

const notes = z
  .array(z.strictObject({ id: z.string(), message: z.string() }))
  .describe('not findings: not a problem, or cannot be determined from the account');

/** The document of `audit`. */
export const auditDocumentSchema = z.strictObject({
  ...head,
  command: z.literal('audit'),
  ...account,
  status: z.enum(['clean', 'findings', 'failed']).describe('failed: something could not be read'),
  roles: z
    .array(
      z.strictObject({
        name: z.string(),
        arn: z.string(),
        managed: z.enum(['config', 'crc', 'other']).describe('crc: created by crc, but not in this config'),
        severity: severity.describe('of the most severe finding'),
        admits: z.array(z.string()).describe('patterns, widest first: any repository, repo:octo-org/*'),
        power: z.enum(['administrator', 'write', 'read', 'unknown']).describe('unknown: a policy could not be read'),
        abilities: z.array(z.string()).describe('administrator, change IAM, pass roles, …; empty: nothing'),
        findings,
        notes,
        suggestedTrust: leaf.nullable().describe('a trust policy that resolves the findings; null if there are none'),
      }),
    )
    .describe('those that CI can assume, most severe first'),
  providers: z
    .array(
      z.strictObject({
        arn: z.string(),
        platform: z.string(),
        audiences: z.array(z.string()),
        roles: z.int().describe('number of roles that trust it'),
        severity,
        findings,
        notes,
      }),
    )
    .describe('those of CI platforms; empty with --role'),
  unread: z.array(z.strictObject({ name: z.string(), error })).describe('what could not be read, and why'),
  ...cost,
});
