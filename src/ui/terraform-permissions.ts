import { isDeepStrictEqual } from 'node:util';
import pc from 'picocolors';
import { counted } from '../counted.ts';
import type { CrcError } from '../errors.ts';
import type { Json } from '../json.ts';
import { DOCUMENT_VERSION, jsonText } from '../json.ts';
import { MAX_POLICY, type Statement } from '../policies/document.ts';
import { count, type ManagedPolicies, policySize } from '../policies/managed.ts';
import { documentLines } from './changes.ts';
import { foreign } from './foreign.ts';
import { errorObject } from './json.ts';

/** The findings, for text and documents. */
export interface TerraformPermissionsView {
  readonly accountId: string;
  readonly region: string;
  /** How many calls were recorded. */
  readonly calls: number;
  readonly phases: {
    readonly plan: readonly Statement[];
    readonly apply: readonly Statement[];
    readonly destroy: readonly Statement[];
  };
  /** The statements of a phase as managed policies, if they are too long for the inline policies of a role. */
  readonly policies: Readonly<Record<'plan' | 'apply' | 'destroy', ManagedPolicies | undefined>>;
  readonly reasons: Readonly<Record<string, readonly string[]>>;
  readonly unknown: readonly { readonly service: string; readonly operation: string; readonly address: string }[];
  /** ARNs of roles that the provider assumes. */
  readonly assumed: readonly string[];
  /** For logs: steps that they lack, so that the statements lack what those need. */
  readonly unlogged: readonly ('plan' | 'apply' | 'destroy')[];
  /** Destroy was left out with --no-destroy. */
  readonly withoutDestroy: boolean;
  /** Why the run ended early. */
  readonly failure: CrcError | undefined;
  readonly durationMs: number;
}

/**
 * The document of `permissions terraform`. `error` is present if Terraform failed; the rest is what was found until
 * then.
 */
export function terraformPermissionsDocument(
  view: TerraformPermissionsView,
  unneeded: readonly UnneededStatements[],
): string {
  const { accountId, region, phases, policies, reasons, unknown, failure, durationMs } = view;
  return jsonText({
    version: DOCUMENT_VERSION,
    command: 'permissions terraform',
    accountId,
    region,
    status: failure === undefined ? 'found' : 'failed',
    phases,
    ...(Object.values(policies).every((managed) => managed === undefined) ? {} : { policies }),
    reasons,
    unknown,
    ...(unneeded.length === 0 ? {} : { unneeded }),
    error: failure && errorObject(failure),
    durationMs,
  });
}

/** The statements for pasting: for a role that plans, and for one that applies, which includes them. */
export function statementsText({ phases, policies, withoutDestroy }: TerraformPermissionsView): string {
  const last = withoutDestroy ? 'apply' : 'destroy';
  const written = phases[last];
  if (written.length === 0 && phases.plan.length === 0)
    return 'No permissions are needed: no call to AWS was recorded.\n';
  return [
    ...blocks('plan: for a role with "access": "read"', phases.plan, policies.plan),
    '',
    ...blocks(
      withoutDestroy
        ? 'plan and apply, without destroy: for a role with "access": "write"'
        : 'plan, apply and destroy: for a role with "access": "write"',
      written,
      policies[last],
    ),
    '',
  ].join('\n');
}

function blocks(
  title: string,
  statements: readonly Statement[],
  managed: ManagedPolicies | undefined,
): readonly string[] {
  if (managed === undefined) return [`# ${title}`, jsonText(statements)];
  const { length } = managed.documents;
  return managed.documents.flatMap((document, index) => [
    ...(index === 0 ? [] : ['']),
    `# ${title}, managed policy ${index + 1} of ${length}`,
    jsonText(document),
  ]);
}

const UNLOGGED = {
  apply:
    'None of the logs has an apply, so the calls that create and change are missing: log `terraform apply`, and pass that log too.',
  plan: 'None of the logs has a plan of existing resources, so the calls that read them are missing: log `terraform plan` after the apply, and pass that log too.',
  destroy:
    'None of the logs has a destroy, so the calls that delete are missing: log a `terraform destroy` too, for example of a test environment, or pass --no-destroy.',
} as const;

/** How many calls are listed; the rest are counted. */
const MAX_LISTED = 10;

/** Text next to the statements, on stderr: how much was recorded, and what is not covered. */
export function recordedText(view: TerraformPermissionsView, color: boolean): string {
  const { calls, phases, policies, unknown, assumed, withoutDestroy } = view;
  const { yellow } = pc.createColors(color);
  const last = withoutDestroy ? 'apply' : 'destroy';
  const written = phases[last];
  const managed = policies[last];
  const recorded = `${counted(calls, 'call')} recorded: ${counted(phases.plan.length, 'statement')} to plan (${count(policySize(phases.plan))} characters), ${written.length} to apply (${count(policySize(written))} of the ${count(MAX_POLICY)} that a role's policies may have).`;
  const listed = unknown
    .slice(0, MAX_LISTED)
    .map(({ service, operation, address }) => `  ${foreign(service)} ${foreign(operation)}  ${foreign(address)}`);
  const more = unknown.length > MAX_LISTED ? [`  and ${unknown.length - MAX_LISTED} more`] : [];
  return [
    recorded,
    ...(managed === undefined
      ? []
      : [
          yellow(
            `${managed.why} Create the ${managed.documents.length} managed policies, and attach them to the role.`,
          ),
        ]),
    ...view.unlogged.map((step) => yellow(UNLOGGED[step])),
    ...(view.failure === undefined
      ? []
      : [yellow('This is what was found before Terraform failed; more may be needed.')]),
    ...(unknown.length === 0
      ? []
      : [
          yellow(`crc does not know the permissions of ${unknown.length} of them; add those yourself:`),
          ...listed,
          ...more,
        ]),
    ...assumed.map((arn) =>
      yellow(
        `The provider assumes ${foreign(arn)}: that role needs these statements, and the role of the job needs only sts:AssumeRole on it.`,
      ),
    ),
    '',
  ].join('\n');
}

/** Statements of a role in the config that an earlier run wrote and this one does not need. */
export interface UnneededStatements {
  readonly role: string;
  /** Never empty. */
  readonly sids: readonly string[];
}

/** Without --write: what the config no longer needs. */
export function unneededText(unneeded: readonly UnneededStatements[], file: string, color: boolean): string {
  const { yellow } = pc.createColors(color);
  return unneeded
    .map(({ role, sids }) =>
      yellow(
        `${foreign(file)} allows role/${foreign(role)} more than this run needs: ${sids.map((sid) => foreign(sid)).join(', ')}. The same command with --write removes ${sids.length === 1 ? 'that statement' : 'those statements'}.\n`,
      ),
    )
    .join('');
}

/** A role whose statements change. */
export interface StatementChange {
  readonly name: string;
  /** Sids of statements that an earlier run wrote and this one does not need. */
  readonly unneeded: readonly string[];
  readonly live: Json;
  readonly want: Json;
  readonly warnings: readonly { readonly message: string }[];
}

/** What `--write` changes, role by role, and what is dangerous about it. */
export function statementChanges(changes: readonly StatementChange[], file: string, color: boolean): string {
  const colors = pc.createColors(color);
  const changed = changes.filter(({ live, want }) => !isDeepStrictEqual(live, want));
  return [
    `Changes to ${foreign(file)}:`,
    ...changed.flatMap(({ name, unneeded, live, want, warnings }) => [
      '',
      `  role/${foreign(name)}`,
      ...documentLines(live, want, colors),
      ...(unneeded.length === 0
        ? []
        : [`    removed, no longer needed: ${unneeded.map((sid) => foreign(sid)).join(', ')}`]),
      ...warnings.map(({ message }) => colors.yellow(`    warning: ${foreign(message)}`)),
    ]),
    '',
    '',
  ].join('\n');
}

/** Shown after the statements were written. */
export function writtenText(file: string): string {
  return `${foreign(file)} was written. \`crc plan\` shows what changes in the account.\n`;
}
