import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minified, type Statement } from '../../src/policies/document.ts';
import { managedPoliciesOf } from '../../src/policies/managed.ts';

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

describe('managedPoliciesOf', () => {
  it('is empty if one inline policy of a role holds the statements', () => {
    expect(managedPoliciesOf([statement('A', 10)])).toBeUndefined();
  });

  it('leaves a statement that cannot be split as it is', () => {
    const long: Statement = {
      ...statement('Long', 1),
      Action: 's3:GetObject',
      Condition: {
        StringEquals: { 'aws:PrincipalTag/team': Array.from({ length: 1_500 }, (_, index) => `t${index}`) },
      },
    };
    expect(managedPoliciesOf([long])?.documents).toEqual([{ Version: '2012-10-17', Statement: [long] }]);
  });

  it('otherwise returns managed policies that IAM accepts and that grant the same', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 12 }), (sizes) => {
        const statements = sizes.map((size, index) => statement(`S${index}`, size));
        const inline = minified({ Version: '2012-10-17', Statement: statements }).length <= 10_240;
        const policies = managedPoliciesOf(statements);
        expect(policies === undefined).toBe(inline);
        const { documents } = policies ?? { documents: [{ Statement: statements }] };
        const all = documents.flatMap((document) => document.Statement);
        expect(granted(all)).toEqual(granted(statements));
        const limit = inline ? 10_240 : 6_144;
        expect(documents.filter((document) => minified(document).length > limit)).toEqual([]);
        expect(new Set(all.map(({ Sid }) => Sid)).size).toBe(all.length);
      }),
      { numRuns: 50 },
    );
  });
});
