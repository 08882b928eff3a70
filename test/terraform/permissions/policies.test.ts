import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minified, type Statement } from '../../../src/policies/document.ts';
import { policiesOf } from '../../../src/terraform/permissions/policies.ts';

const statement = (sid: string, resources: number): Statement => ({
  Sid: sid,
  Effect: 'Allow',
  Action: ['s3:GetObject', 's3:PutObject'],
  Resource: Array.from({ length: resources }, (_, index) => `arn:aws:s3:::a-bucket-with-some-name/${sid}/${index}`),
});

const granted = (statements: readonly Statement[]) =>
  statements
    .flatMap(({ Action, Resource = [] }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((arn) => `${action} ${arn}`)),
    )
    .sort();

describe('policiesOf', () => {
  it('is one inline policy where it fits beside the others of the role', () => {
    const statements = [statement('A', 10)];
    const one = { kind: 'inline', documents: [{ Version: '2012-10-17', Statement: statements }], why: undefined };
    expect(policiesOf(statements)).toEqual(one);
    expect(policiesOf(statements, 9_000)).toEqual(one);
    expect(policiesOf(statements, 10_000)).toMatchObject({
      kind: 'managed',
      why: expect.stringContaining("and the role's other policies 10000;"),
    });
  });

  it('is managed policies that IAM takes, and that grant the same, where it does not fit', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 12 }), (sizes) => {
        const statements = sizes.map((size, index) => statement(`S${index}`, size));
        const { kind, documents, why } = policiesOf(statements);
        const all = documents.flatMap((document) => document.Statement);
        expect(granted(all)).toEqual(granted(statements));
        const limit = kind === 'inline' ? 10_240 : 6_144;
        expect(documents.filter((document) => minified(document).length > limit)).toEqual([]);
        expect(why === undefined).toBe(kind === 'inline');
        expect(new Set(all.map(({ Sid }) => Sid)).size).toBe(all.length);
      }),
      { numRuns: 50 },
    );
  });
});
