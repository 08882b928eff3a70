import { explain } from '../aws/explain.ts';
import { Blocked, NotConverged, Unlisted, Unselected, Waiting } from '../engine/apply.ts';
import { isInterruption } from '../engine/interrupted.ts';
import type { Result } from '../engine/outcome.ts';
import type { Plan } from '../engine/plan.ts';
import type { Finding } from '../engine/types.ts';
import { CrcError, systemError } from '../errors.ts';
import { isFreeToAdopt, type OutcomeView } from '../ui/view.ts';

/** A plan with its errors explained. */
export function explained(plan: Plan): Plan<CrcError> {
  return plan.map((finding) => ({
    ...finding,
    error: finding.error === undefined ? undefined : asCrcError(finding.error, finding.name),
  }));
}

/** The outcome of each resource, in the form that renderers take. */
export function outcomeViews(results: readonly Result[], plan: Plan): readonly OutcomeView[] {
  const byId = new Map(plan.map((finding) => [finding.id, finding]));
  return results.map(({ id, outcome, error, address }) => {
    const finding = byId.get(id);
    return {
      id,
      outcome,
      error: error === undefined ? undefined : asCrcError(error, finding?.name),
      lacks: outcome === 'blocked' ? lackedFlag(error, finding) : undefined,
      waits: error instanceof Waiting,
      unselected: error instanceof Unselected ? error.ids : undefined,
      address,
    };
  });
}

function lackedFlag(error: unknown, finding: Finding | undefined): OutcomeView['lacks'] {
  if (error instanceof Unlisted) return 'prune';
  return finding !== undefined && isFreeToAdopt(finding) ? 'adopt' : undefined;
}

/** An explanation of why a resource could not be read or written. */
export function asCrcError(error: unknown, name: string | undefined): CrcError {
  if (error instanceof Unselected) {
    const flags = error.ids.map((id) => `--only ${id}`).join(' ');
    return new CrcError(error.message, { hint: `Add ${flags}, or leave --only out.`, cause: error });
  }
  if (error instanceof Blocked) {
    return new CrcError(error.message, {
      hint: 'Fix this and run the command again.',
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
  return systemError(error) ?? explain(error, name);
}
