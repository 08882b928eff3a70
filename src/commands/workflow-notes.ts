import { dirname } from 'node:path';
import type { Config } from '../config/schema.ts';
import type { Environment } from '../environment.ts';
import { type DefaultBranch, defaultBranchOf, GUESSED_BRANCH, gitRoot, remoteOf } from '../github/clone.ts';
import { branchOf } from '../github/environments.ts';
import { scheduleNote } from '../github/workflow/schedule.ts';
import { shellWord } from '../shell.ts';
import { chosenRepository, type WorkflowChoices } from './workflow-yaml.ts';

/** What to know about the branches of the workflow for a config. */
export async function workflowNotes(
  config: Config,
  file: string,
  options: WorkflowChoices,
  env: Environment,
): Promise<readonly string[]> {
  const repository = chosenRepository(config, options.repository);
  const defaultBranch = await defaultBranchOfRepository(dirname(file), repository, env);
  const chosen = options.branch === undefined ? branchOf(config, repository) : { name: options.branch, isGuess: false };
  const { name: branch } = chosen;
  const guess = chosen.isGuess ? guessNote(branch, defaultBranch) : undefined;
  const schedule = scheduleNote({ config, repository, branch, defaultBranch });
  return [guess, schedule].filter((note) => note !== undefined);
}

/** No role names the branch that the workflow applies. */
function guessNote(branch: string, defaultBranch: DefaultBranch): string | undefined {
  if (defaultBranch.isGuess) {
    return `The workflow applies ${branch}, since no role names a branch and no clone shows the default branch. Pass --branch NAME for another.`;
  }
  const { name } = defaultBranch;
  if (name === branch) return undefined;
  return `The workflow applies ${branch}, since no role names a branch, but the default branch is ${name}. Pass --branch ${shellWord(name)} to apply that.`;
}

/** What the clone that contains the config shows; a guess without one. */
async function defaultBranchOfRepository(folder: string, repository: string, env: Environment): Promise<DefaultBranch> {
  if (gitRoot(folder) === undefined) return GUESSED_BRANCH;
  const remote = (await remoteOf(folder, env))?.repository ?? repository;
  const isOwn = remote.toLowerCase() === repository.toLowerCase();
  return isOwn ? await defaultBranchOf(folder, env) : GUESSED_BRANCH;
}
