import { groupBy } from '../../group-by.ts';
import type { Statement } from '../../policies/document.ts';
import { oneOrMany } from '../../policies/document.ts';
import { fits } from '../../policies/glob.ts';
import type { Phase } from './call.ts';
import type { Reference } from './reference.ts';
import { nameStatements } from './sids.ts';
import type { Condition, Grant, Group } from './subject.ts';

/** The phases in order: each needs what the previous one needs. */
export const PHASES = ['plan', 'apply', 'destroy'] as const satisfies readonly Phase[];

export interface PhaseGrant extends Grant {
  readonly phase: Phase;
}

/** The maximum number of object keys in a statement. If there are more, one pattern replaces them. */
const MAX_KEYS = 5;

/** The statements of a phase: as few as allow exactly these grants, sorted, each with a descriptive Sid. */
export function statementsOf(grants: readonly PhaseGrant[], phase: Phase, reference: Reference): readonly Statement[] {
  const due = grants.filter((grant) => PHASES.indexOf(grant.phase) <= PHASES.indexOf(phase));
  const groups = byActions(withoutCovered(unique(withFewKeys(due))));
  return nameStatements(groups, reference).map(({ sid, group: { actions, resources, condition } }) => ({
    Sid: sid,
    Effect: 'Allow',
    Action: oneOrMany(actions),
    Resource: oneOrMany(resources),
    ...(condition === undefined ? {} : { Condition: condition }),
  }));
}

function conditionText(condition: Condition | undefined): string {
  return condition === undefined ? '' : JSON.stringify(condition);
}

function unique<G extends Grant>(grants: readonly G[]): readonly G[] {
  const byText = new Map(
    grants.map((grant) => [`${grant.action} ${grant.resource} ${conditionText(grant.condition)}`, grant]),
  );
  return [...byText.values()];
}

/** Many objects in one bucket, such as the files of a site, are replaced by a pattern for their common folder. */
function withFewKeys(grants: readonly PhaseGrant[]): readonly PhaseGrant[] {
  const byBucket = groupBy(grants, ({ resource }) => /^(arn:[^:]+:s3:::[^/]+\/)/.exec(resource)?.[1] ?? '');
  return [...byBucket].flatMap(([bucket, ofBucket]) => {
    const keys = [...new Set(ofBucket.map(({ resource }) => resource.slice(bucket.length)))];
    if (bucket === '' || keys.length <= MAX_KEYS) return ofBucket;
    const folder = commonFolder(keys);
    return ofBucket.map((grant) => ({ ...grant, resource: `${bucket}${folder}*` }));
  });
}

function commonFolder(keys: readonly string[]): string {
  const [first = '', ...more] = keys;
  const folders = first.split('/').slice(0, -1);
  const common = folders.findIndex((_, index) => {
    const start = `${folders.slice(0, index + 1).join('/')}/`;
    return more.some((key) => !key.startsWith(start));
  });
  const kept = common === -1 ? folders : folders.slice(0, common);
  return kept.map((folder) => `${folder}/`).join('');
}

/** Drops grants that another one of the same action covers: with a wider pattern, or without a condition. */
function withoutCovered<G extends Grant>(grants: readonly G[]): readonly G[] {
  const byAction = groupBy(grants, ({ action }) => action);
  return [...byAction.values()].flatMap((same) =>
    same.filter((grant) => !same.some((other) => other !== grant && covers(other, grant))),
  );
}

function covers(wide: Grant, narrow: Grant): boolean {
  const condition = conditionText(wide.condition);
  if (condition !== '' && condition !== conditionText(narrow.condition)) return false;
  if (wide.resource === narrow.resource) return condition !== conditionText(narrow.condition);
  // An escaped character would count as a wildcard.
  return ![wide, narrow].some(({ resource }) => resource.includes('${')) && fits(wide.resource, narrow.resource);
}

function byActions(grants: readonly Grant[]): readonly Group[] {
  const byResource = groupBy(grants, ({ resource, condition }) => `${resource} ${conditionText(condition)}`);
  const onResources = [...byResource.values()].map((same) => ({
    actions: [...new Set(same.map(({ action }) => action))].sort(),
    resource: same[0]?.resource ?? '',
    condition: same[0]?.condition,
  }));
  const bySet = groupBy(onResources, ({ actions, condition }) => `${actions.join()} ${conditionText(condition)}`);
  return [...bySet.values()].map((same) => ({
    actions: same[0]?.actions ?? [],
    resources: same.map(({ resource }) => resource).sort(),
    condition: same[0]?.condition,
  }));
}
