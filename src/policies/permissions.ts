import type { Grant } from '../engine/types.ts';
import { oneOrMany, type PolicyDocument, type Statement } from './document.ts';

interface OnOneArn {
  readonly arn: string;
  readonly condition: Statement['Condition'];
  readonly actions: Set<string>;
}

/** Statements that allow exactly the grants. ARNs with the same actions share a statement. */
export function permissionStatements(grants: readonly Grant[], sidPrefix: string): readonly Statement[] {
  const byArn = new Map<string, OnOneArn>();
  for (const { actions, resources, condition } of grants) {
    for (const arn of resources) {
      const key = JSON.stringify([arn, condition ?? null]);
      const entry = byArn.get(key) ?? { arn, condition, actions: new Set<string>() };
      for (const action of actions) entry.actions.add(action);
      byArn.set(key, entry);
    }
  }
  const groups = new Map<string, { actions: readonly string[]; arns: string[]; condition: Statement['Condition'] }>();
  for (const { arn, condition, actions } of byArn.values()) {
    const sorted = [...actions].sort();
    const key = JSON.stringify([sorted, condition ?? null]);
    const group = groups.get(key) ?? { actions: sorted, arns: [], condition };
    group.arns.push(arn);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ actions, arns, condition }, index) => ({
    Sid: `${sidPrefix}${index + 1}`,
    Effect: 'Allow',
    Action: oneOrMany(actions),
    Resource: oneOrMany(arns.sort()),
    ...(condition === undefined ? {} : { Condition: condition }),
  }));
}

export function permissionPolicy(grants: readonly Grant[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: permissionStatements(grants, 'Crc') };
}
