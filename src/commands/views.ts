import { explain } from '../aws/explain.ts';
import { Blocked, NotConverged } from '../engine/apply.ts';
import { isInterruption } from '../engine/interrupted.ts';
import type { Plan } from '../engine/plan.ts';
import type { Resource } from '../engine/resource.ts';
import type { Result } from '../engine/types.ts';
import { CrcError, systemError } from '../errors.ts';
import type { OutcomeView, ResourceView } from '../ui/view.ts';

/** A plan in the form that renderers take. */
export function resourceViews(planned: Plan): readonly ResourceView[] {
  return planned.map(({ resource, finding: { error, ...finding }, inspection }) => ({
    finding,
    needs: resource.needs,
    error: error === undefined ? undefined : asCrcError(error, resource),
    want: resource.want,
    brief: resource.brief,
    exposures: resource.exposures,
    notes: inspection?.notes ?? [],
    irreversible: finding.status === 'conflict' ? [] : (inspection?.irreversible ?? []),
  }));
}

/** What became of each resource, in the form that renderers take. */
export function outcomeViews(results: readonly Result[], planned: Plan): readonly OutcomeView[] {
  return results.map(({ id, outcome, error }) => ({
    id,
    outcome,
    error: error === undefined ? undefined : asCrcError(error, planned.find((one) => one.resource.id === id)?.resource),
  }));
}

/** Why a resource could not be read or written, in words. */
export function asCrcError(error: unknown, resource: Resource | undefined): CrcError {
  if (error instanceof Blocked) {
    return new CrcError(error.message, {
      hint: 'Resolve this, and run crc bootstrap again.',
      cause: error,
    });
  }
  if (isInterruption(error)) {
    return new CrcError('Stopped before it was done.', { hint: 'Run it again to go on.', cause: error });
  }
  if (error instanceof NotConverged) {
    return new CrcError(`${error.message}.`, {
      hint: 'Something else may be changing it, or AWS is slow to show the change: run `crc verify` in a minute.',
      cause: error,
    });
  }
  return systemError(error) ?? explain(error, resource?.name);
}
