import { explain } from '../aws/explain.ts';
import { Blocked, NotConverged, Unlisted } from '../engine/apply.ts';
import { isInterruption } from '../engine/interrupted.ts';
import type { Plan, Planned } from '../engine/plan.ts';
import type { Resource } from '../engine/resource.ts';
import type { Result } from '../engine/types.ts';
import { CrcError, systemError } from '../errors.ts';
import type { OutcomeView, ResourceView } from '../ui/view.ts';

/** A plan in the form that renderers take. */
export function resourceViews(planned: Plan): readonly ResourceView[] {
  return planned.map((one) => {
    const { resource, inspection } = one;
    const { error, ...finding } = one.finding;
    return {
      finding,
      needs: resource.needs,
      error: error === undefined ? undefined : asCrcError(error, resource),
      want: resource.want,
      brief: resource.brief,
      exposures: resource.exposures,
      notes: inspection?.notes ?? [],
      irreversible: finding.status === 'conflict' ? [] : (inspection?.irreversible ?? []),
      adoptable: isAdoptable(one),
    };
  });
}

/** What became of each resource, in the form that renderers take. */
export function outcomeViews(results: readonly Result[], planned: Plan): readonly OutcomeView[] {
  const byId = new Map(planned.map((one) => [one.resource.id, one]));
  return results.map(({ id, outcome, error, address }) => {
    const one = byId.get(id);
    return {
      id,
      outcome,
      error: error === undefined ? undefined : asCrcError(error, one?.resource),
      lacks: outcome === 'blocked' ? lackedFlag(error, one) : undefined,
      address,
    };
  });
}

function lackedFlag(error: unknown, planned: Planned | undefined): OutcomeView['lacks'] {
  if (error instanceof Unlisted) return 'prune';
  return planned !== undefined && isAdoptable(planned) ? 'adopt' : undefined;
}

/** True when it is in conflict for no other reason than that another owner has it. */
function isAdoptable({ finding: { status, changes }, inspection }: Planned): boolean {
  const owner = inspection?.foreign?.path;
  return (
    status === 'conflict' &&
    owner !== undefined &&
    changes.every((change) => change.kind !== 'conflict' || change.path === owner)
  );
}

/** Why a resource could not be read or written, in words. */
export function asCrcError(error: unknown, resource: Resource | undefined): CrcError {
  if (error instanceof Blocked) {
    return new CrcError(error.message, {
      hint: 'Fix this and rerun `crc bootstrap`.',
      cause: error,
    });
  }
  if (isInterruption(error)) {
    return new CrcError('Stopped before it was done.', { hint: 'Run the command again to continue.', cause: error });
  }
  if (error instanceof NotConverged) {
    return new CrcError(`${error.message}.`, {
      hint: 'Another user or process may be changing it, or AWS shows the change late. Run `crc verify` in a minute.',
      cause: error,
    });
  }
  return systemError(error) ?? explain(error, resource?.name);
}
