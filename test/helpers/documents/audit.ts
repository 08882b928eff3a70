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
      page: z.url().describe('of the documentation'),
    }),
  )
  .describe('the worst first');

const notes = z
  .array(z.strictObject({ id: z.string(), message: z.string() }))
  .describe('right, or not to be known from the account: no finding');

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
        managed: z.enum(['config', 'crc', 'other']).describe('crc: created by crc, and not in this config'),
        severity: severity.describe('of the worst finding'),
        admits: z.array(z.string()).describe('patterns, from the widest: any repository, repo:octo-org/*'),
        power: z.enum(['administrator', 'write', 'read', 'unknown']).describe('unknown: a policy could not be read'),
        abilities: z.array(z.string()).describe('administrator, change IAM, pass roles, …; empty: nothing'),
        findings,
        notes,
        suggestedTrust: leaf.nullable().describe('a trust policy without the findings; null where there are none'),
      }),
    )
    .describe('that CI can assume, the worst first'),
  providers: z
    .array(
      z.strictObject({
        arn: z.string(),
        platform: z.string(),
        audiences: z.array(z.string()),
        roles: z.int().describe('that trust it'),
        severity,
        findings,
        notes,
      }),
    )
    .describe('of CI; empty with --role'),
  unread: z.array(z.strictObject({ name: z.string(), error })).describe('what could not be read, and why'),
  ...cost,
});
