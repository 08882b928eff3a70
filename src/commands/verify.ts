import { appendFile } from 'node:fs/promises';
import type { Status } from '../engine/types.ts';
import { systemError } from '../errors.ts';
import { annotations } from '../ui/annotations.ts';
import type { Io } from '../ui/io.ts';
import { planDocument, type RunStatus } from '../ui/json.ts';
import { planMarkdown } from '../ui/markdown.ts';
import { costText, errorText, headText, planText } from '../ui/text.ts';
import type { ResourceView, RunView } from '../ui/view.ts';
import type { VerifyOptions } from './definitions/verify.ts';
import { withInterruption } from './interruption.ts';
import { openSession, resourceViews } from './session.ts';

/** Compares everything with the config and writes nothing. 0 in sync, 2 anything differs, 1 something was not readable. */
export async function verify(options: VerifyOptions, io: Io): Promise<number> {
  return await withInterruption(io, async (signal) => {
    const session = await openSession({ command: 'verify', options, withNeeds: false, io, signal });
    const plan = await session.plan({ adopt: false, prune: false }).finally(session.progress.stop);
    const views = resourceViews(plan);
    const statuses = plan.map(({ finding }) => finding.status);
    const run = session.run();
    await tellGitHub(run, views, io);

    if (options.json) io.out(`${planDocument(run, planStatus(statuses), views)}\n`);
    else if (options.markdown) io.out(`${planMarkdown(run, views)}\n`);
    else {
      io.out(`${headText(run, io.color)}\n\n${planText(views, io)}\n`);
      io.err(`${costText(run)}\n`);
    }
    const warned = plan.some(({ finding }) => finding.warnings.length > 0);
    return options.strict && warned && planStatus(statuses) === 'in-sync' ? 2 : planExitCode(statuses);
  });
}

/** In a job of GitHub Actions: annotations on the run, and the report in its summary. */
async function tellGitHub(run: RunView, views: readonly ResourceView[], io: Io): Promise<void> {
  const { GITHUB_ACTIONS, GITHUB_STEP_SUMMARY } = io.env;
  if (GITHUB_ACTIONS === 'true') for (const line of annotations(views)) io.command(line);
  if (!GITHUB_STEP_SUMMARY) return;
  try {
    await appendFile(GITHUB_STEP_SUMMARY, `${planMarkdown(run, views)}\n`);
  } catch (error) {
    // The report is still due on stdout, and the exit code says what was found.
    const problem = systemError(error, `The step summary ${GITHUB_STEP_SUMMARY} cannot be written`);
    if (problem === undefined) throw error;
    io.err(`${errorText(problem, io.color)}\n`);
  }
}

/** `failed` when anything could not be read: what is unknown is never in sync. */
export function planStatus(statuses: readonly Status[]): RunStatus {
  if (statuses.includes('unread')) return 'failed';
  return statuses.every((status) => status === 'in-sync') ? 'in-sync' : 'changes';
}

export function planExitCode(statuses: readonly Status[]): number {
  return { failed: 1, changes: 2, 'in-sync': 0, converged: 0 }[planStatus(statuses)];
}
