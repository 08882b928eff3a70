import type { Io } from '../ui/io.ts';
import { adoptedParts } from './adopted-terraform.ts';
import { dryRun } from './converge.ts';
import type { PlanOptions } from './definitions/plan.ts';
import { withSession } from './frame.ts';

/** Shows what bootstrap would do, and writes nothing. 0 no changes, 2 any change, 1 something could not be read. */
export async function plan(options: PlanOptions, io: Io): Promise<number> {
  const { adopt = false, prune = false } = options;
  return await withSession({ command: 'plan', options, io, toWrite: true }, async (session) => {
    const planned = await session.plan({ adopt, prune });
    return { ...dryRun(session, planned, options, io), ...(await adoptedParts(session, planned, options)) };
  });
}
