import { describe, expect, it } from 'vitest';
import type { Statement } from '../../src/policies/document.ts';
import { managedPoliciesOf } from '../../src/policies/managed.ts';
import {
  recordedText,
  statementsText,
  type TerraformPermissionsView,
  terraformPermissionsDocument,
} from '../../src/ui/terraform-permissions.ts';
import { permissionsTerraformDocumentSchema } from '../helpers/documents/other-commands.ts';

const statements = (count: number): readonly Statement[] =>
  Array.from({ length: count }, (_, index) => ({
    Sid: `S${index}`,
    Effect: 'Allow',
    Action: 's3:GetObject',
    Resource: `arn:aws:s3:::a-bucket-of-some-length/${index}`,
  }));

function viewOf(count: number, overrides: Partial<TerraformPermissionsView> = {}): TerraformPermissionsView {
  const phases = { plan: statements(1), apply: statements(2), destroy: statements(count) };
  return {
    accountId: '111122223333',
    region: 'eu-west-2',
    calls: 1,
    phases,
    policies: { plan: undefined, apply: undefined, destroy: managedPoliciesOf(phases.destroy) },
    reasons: {},
    unknown: [],
    assumed: [],
    unlogged: [],
    withoutDestroy: false,
    failure: undefined,
    durationMs: 1,
    ...overrides,
  };
}

const documentOf = (view: TerraformPermissionsView) =>
  permissionsTerraformDocumentSchema.parse(JSON.parse(terraformPermissionsDocument(view, [])));

describe('statements that fit one inline policy', () => {
  const view = viewOf(3);

  it('are printed as lists that can be pasted into the config', () => {
    expect(statementsText(view)).toMatch(
      /^# plan: .*"read"\n\[\n[\s\S]*\n\]\n\n# plan, apply and destroy: .*"write"\n\[\n/,
    );
    expect(recordedText(view, false)).toBe(
      "1 call recorded: 1 statement to plan (144 characters), 3 to apply (356 of the 10,240 that a role's policies may have).\n",
    );
    expect(documentOf(view).policies).toBeUndefined();
  });
});

describe('statements that are too long for the inline policies of a role', () => {
  const view = viewOf(120);

  it('are printed as managed policies, with the reason', () => {
    const text = statementsText(view);
    expect(text).toMatch(/^# plan: for a role with "access": "read"\n\[/);
    const policies = [...text.matchAll(/^# .*"write", managed policy (\d) of 3\n(\{[\s\S]*?^\})$/gm)];
    expect(policies.map(([, index]) => index)).toEqual(['1', '2', '3']);
    expect(policies.flatMap(([, , document = '']) => JSON.parse(document).Statement)).toEqual(view.phases.destroy);
    expect(recordedText(view, false)).toContain(
      'the inline policies of a role may have 10,240 together, a managed policy 6,144. Create the 3 managed policies, and attach them to the role.',
    );
  });

  it('are in the document both as statements and as managed policies', () => {
    const { phases, policies } = documentOf(view);
    expect(phases.destroy).toHaveLength(120);
    expect(Object.keys(policies ?? {})).toEqual(['destroy']);
    expect(policies?.destroy?.documents).toHaveLength(3);
  });
});
