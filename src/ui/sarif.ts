import { jsonText } from '../json.ts';
import type { FindingId } from '../trust/audit/findings.ts';
import type { Severity } from '../trust/audit/severity.ts';
import type { AuditView } from './audit.ts';
import type { RunView } from './view.ts';

/** Each severity as a SARIF level, and as a number for GitHub code scanning. */
const LEVELS: Readonly<Record<Severity, { readonly level: string; readonly score: string }>> = {
  critical: { level: 'error', score: '9.5' },
  high: { level: 'error', score: '8.0' },
  medium: { level: 'warning', score: '5.5' },
  low: { level: 'note', score: '3.0' },
  none: { level: 'none', score: '0.0' },
};

const ORDER: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'none'];

export interface SarifOptions {
  readonly version: string;
  /** The file that a finding is shown in, as a path in the repository, since a role itself is in no file. */
  readonly file: string;
  /** The title of a finding, and why it matters. */
  readonly about: (id: FindingId) => { readonly title: string; readonly why: string };
}

/**
 * The findings as SARIF 2.1.0, with what GitHub code scanning requires: a location in a file, a score, and a stable
 * fingerprint, so that an alert is closed once its finding is resolved.
 * https://docs.github.com/en/code-security/reference/code-scanning/sarif-support-for-code-scanning
 */
export function auditSarif(run: RunView, { roles, providers, unread, page }: AuditView, options: SarifOptions): string {
  const findings = [...roles, ...providers].flatMap((audited) =>
    audited.findings.map((finding) => ({
      ...finding,
      arn: audited.arn,
      name: 'name' in audited ? audited.name : audited.arn,
    })),
  );
  const ids = [...new Set(findings.map(({ id }) => id))];
  return jsonText({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'crc',
            version: options.version,
            informationUri: page(),
            rules: ids.map((id) =>
              ruleOf(id, options.about(id), scoreOf(findings.filter((finding) => finding.id === id)), page(id)),
            ),
          },
        },
        automationDetails: { id: `crc-audit/${run.accountId}` },
        invocations: [
          {
            executionSuccessful: unread.length === 0,
            toolExecutionNotifications: unread.map(({ name, error }) => ({
              level: 'error',
              message: { text: `${name}: ${error.message}` },
            })),
          },
        ],
        results: findings.map(({ id, severity, message, fix, arn, name }) => ({
          ruleId: id,
          ruleIndex: ids.indexOf(id),
          level: LEVELS[severity].level,
          message: { text: `${name}: ${message} ${fix}` },
          locations: [
            {
              physicalLocation: { artifactLocation: { uri: encodeURI(options.file) }, region: { startLine: 1 } },
              logicalLocations: [{ name, fullyQualifiedName: arn, kind: 'resource' }],
            },
          ],
          partialFingerprints: { 'crcAudit/v1': `${id}:${arn}` },
          properties: { severity },
        })),
      },
    ],
  });
}

function scoreOf(findings: readonly { readonly severity: Severity }[]): string {
  const worst = ORDER.find((severity) => findings.some((finding) => finding.severity === severity)) ?? 'none';
  return LEVELS[worst].score;
}

function ruleOf(id: FindingId, { title, why }: ReturnType<SarifOptions['about']>, score: string, page: string): object {
  return {
    id,
    name: title,
    shortDescription: { text: title },
    fullDescription: { text: why },
    helpUri: page,
    help: { text: `${why} ${page}` },
    properties: { tags: ['security', 'aws', 'oidc'], precision: 'high', 'security-severity': score },
  };
}
