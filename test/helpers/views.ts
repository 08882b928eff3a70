import { readFileSync } from 'node:fs';
import { parseConfig } from '../../src/config/parse.ts';
import type { Change, Status } from '../../src/engine/types.ts';
import { resourcesOf } from '../../src/resources/index.ts';
import { warnObjectLock } from '../../src/resources/state-bucket/facts.ts';
import type { ExplainedFinding } from '../../src/ui/view.ts';
import { EXAMPLE } from './cli.ts';
import { contextFor, READ_ONLY_RUN } from './context.ts';
import { fakeAws } from './fake-aws.ts';

/** A finding as renderers receive it. */
export function findingOf(
  id: string,
  status: Status,
  changes: readonly Change[] = [],
  more: Partial<ExplainedFinding> = {},
): ExplainedFinding {
  return {
    id,
    type: 'AWS::IAM::Role',
    name: id.split('/').at(-1) ?? id,
    status,
    needs: [],
    actions: { read: [], write: [], remove: [] },
    want: [],
    brief: {},
    exposures: [],
    changes,
    warnings: [],
    notes: [],
    irreversible: [],
    adoptable: false,
    ...more,
  };
}

/** The findings of the first plan for config.example.json, when no resource exists. */
export async function firstViews(): Promise<readonly ExplainedFinding[]> {
  const config = parseConfig(readFileSync(EXAMPLE, 'utf8'), 'crc.config.json');
  const resources = await resourcesOf(config, contextFor(fakeAws({}).clients), READ_ONLY_RUN);
  return resources.map(({ id, name, warnings, want, brief, exposures }) => ({
    ...findingOf(id, 'absent', [{ kind: 'create' }], { name, warnings, want, brief, exposures }),
    irreversible:
      id === 'state-bucket' ? [warnObjectLock({ mode: 'COMPLIANCE', days: 5 })].flatMap((text) => text ?? []) : [],
  }));
}
