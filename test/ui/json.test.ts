import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/engine/types.ts';
import { CrcError } from '../../src/errors.ts';
import { errorDocument, planDocument } from '../../src/ui/json.ts';
import { errorDocumentSchema, planDocumentSchema } from '../helpers/documents.ts';
import { findingOf } from '../helpers/views.ts';

const run = {
  command: 'bootstrap',
  accountId: '123456789012',
  region: 'eu-west-2',
  apiCalls: { read: 13, write: 1 },
  durationMs: 212,
};
const changes: readonly Change[] = [
  { kind: 'update', path: 'objectLock.days', live: 1, want: 5 },
  { kind: 'conflict', path: 'encryption.algorithm', live: 'aws:kms', want: 'AES256', why: 'never weakened' },
];
/** The expected document of the finding. */
const documented = {
  id: 'state-bucket',
  type: 'AWS::S3::Bucket',
  name: 'b',
  status: 'conflict' as const,
  changes,
  warnings: ['open'],
};
const finding = findingOf(documented.id, documented.status, changes, {
  ...documented,
  notes: ['a note'],
  irreversible: ['for ever'],
  address: { label: 'bucket', path: ['bucket'], value: 'b' },
});

describe('JSON documents', () => {
  it('of a plan', () => {
    const document = planDocumentSchema.parse(JSON.parse(planDocument(run, 'changes', [finding])));
    expect(document).toEqual({ version: 1, ...run, status: 'changes', findings: [documented] });
  });

  it('of a plan with all lost permissions', () => {
    const lost = { kind: 'update', path: 'policy', live: null, want: null, why: 'a:A, a:B' } as const;
    const text = planDocument(run, 'changes', [{ ...finding, changes: [{ ...lost, brief: 'a:A, and 1 more' }] }]);
    expect(planDocumentSchema.parse(JSON.parse(text)).findings[0]?.changes).toEqual([lost]);
  });

  it('of a plan with every kind of change, and what could not be read', () => {
    const all: readonly Change[] = [
      { kind: 'create' },
      { kind: 'remove', path: 'inlinePolicies', live: 'Other', want: null },
      { kind: 'update', path: 'policy', live: null, want: { Statement: [{ Effect: 'Deny' }] } },
    ];
    const findings = [
      { ...finding, status: 'absent' as const, changes: all },
      { ...finding, status: 'unread' as const, changes: [], error: new CrcError('No.', { hint: 'Ask.' }) },
    ];
    const document = planDocumentSchema.parse(JSON.parse(planDocument(run, 'failed', findings, [])));
    expect(document).toEqual({
      version: 1,
      ...run,
      status: 'failed',
      findings: [
        { ...documented, status: 'absent', changes: all },
        { ...documented, status: 'unread', changes: [], error: { message: 'No.', hint: 'Ask.' } },
      ],
      outcomes: {},
    });
  });

  it('of a run: outcomes, and each error with its finding', () => {
    const error = new CrcError('It is in conflict.', { hint: 'Adopt it.' });
    const outcomes = [{ id: 'state-bucket', outcome: 'blocked' as const, error }];
    const document = planDocumentSchema.parse(JSON.parse(planDocument(run, 'failed', [finding], outcomes)));
    expect(document.outcomes).toEqual({ 'state-bucket': 'blocked' });
    expect(document.findings[0]?.error).toEqual({ message: 'It is in conflict.', hint: 'Adopt it.' });
  });

  it('of an error, with its problems', () => {
    const issues = [{ path: 'region', message: 'is wrong' }];
    const text = errorDocument('verify', new CrcError('One problem:', { issues, hint: 'Mend it.' }));
    expect(errorDocumentSchema.parse(JSON.parse(text))).toEqual({
      version: 1,
      command: 'verify',
      status: 'failed',
      error: { message: 'One problem:', hint: 'Mend it.', issues },
    });
  });
});
