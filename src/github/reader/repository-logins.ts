import { CrcError } from '../../errors.ts';
import { eventsOf } from './events.ts';
import { loginsOf, type WorkflowLogins, type WorkflowText, type WorkflowToRead } from './logins.ts';
import { type Sources, sourcesOf, workflowOf } from './sources.ts';

export interface RepositoryInput extends Omit<WorkflowToRead, keyof WorkflowText> {
  /** The requested workflows. */
  readonly workflows: readonly WorkflowText[];
  /** Other workflows in the same folder, which may call them. */
  readonly beside: readonly WorkflowText[];
}

/**
 * How the jobs of several workflows of one repository log in. A called workflow presents what the runs of its callers
 * present, so the workflows in the same folder that call it are read instead. @throws CrcError for a file that is not a
 * workflow.
 */
export async function loginsOfRepository(input: RepositoryInput): Promise<WorkflowLogins> {
  const { workflows, beside, repository, readFile } = input;
  const requested = new Set(workflows.map(({ path }) => path));
  const results = await Promise.all(
    workflows.map(async (workflow) => {
      const { path } = workflow;
      const { callers, logins, ...rest } = await loginsOfOne(workflow);
      const otherCallers = callers.filter((caller) => !requested.has(caller.path));
      const through = await Promise.all(otherCallers.map(loginsOfOne));
      // If its caller calls it through another requested workflow, it is read with that one.
      const called = through.flatMap((caller) =>
        caller.logins.filter(({ files }) => path !== undefined && files.find((file) => requested.has(file)) === path),
      );
      const usesDefaultBranch = [rest, ...through].some((read) => read.usesDefaultBranch);
      return { ...rest, logins: [...logins, ...called], usesDefaultBranch };
    }),
  );
  return {
    logins: results.flatMap(({ logins }) => logins),
    notes: [...new Set(results.flatMap(({ notes }) => notes))],
    unread: results.flatMap(({ unread }) => unread),
    fromForks: results.some(({ fromForks }) => fromForks),
    usesDefaultBranch: results.some(({ usesDefaultBranch }) => usesDefaultBranch),
  };

  /** Without the runs of an unknown caller, if the workflow also starts otherwise or its callers are known. */
  async function loginsOfOne({ file, path, text }: WorkflowText) {
    const { logins, ...rest } = await loginsOf({ ...input, text, file, path });
    const events = eventsOf(workflowOf(text, file)).map(([event]) => event);
    const callers = path !== undefined && events.includes('workflow_call') ? await callersOf(path) : [];
    const isStarted = callers.length > 0 || events.some((event) => event !== 'workflow_call');
    return { ...rest, callers, logins: isStarted ? logins.filter(({ event }) => event !== 'workflow_call') : logins };
  }

  async function callersOf(path: string): Promise<readonly WorkflowText[]> {
    const calling = await Promise.all(
      [...workflows, ...beside].map(async (workflow) => {
        if (workflow.path === path) return [];
        const sources = await sourcesOrNothing(workflow);
        return sources?.has(path) ? [workflow] : [];
      }),
    );
    return calling.flat();
  }

  /** A file that is not a workflow calls none. If it was requested itself, that is reported elsewhere. */
  async function sourcesOrNothing({ text, file }: WorkflowText): Promise<Sources | undefined> {
    try {
      return await sourcesOf(workflowOf(text, file), repository, readFile);
    } catch (error) {
      if (error instanceof CrcError) return undefined;
      throw error;
    }
  }
}
