import type { Environment } from '../../environment.ts';
import type { TerraformFolder } from '../../terraform/source/folders.ts';
import { committedStates } from './committed.ts';
import { type FoundFunction, type Framework, functionsAndFrameworks } from './functions.ts';
import { type FoundWorkflow, workflowsOf } from './workflows.ts';

/** What a repository has already that matters to a new project. Paths have slashes. */
export interface Survey {
  /** From the folder of the project. */
  readonly terraform: readonly TerraformFolder[];
  /** Files of states in git, from the folder of the project: anyone who can read the repository can read the secrets in them. */
  readonly committedStates: readonly string[];
  /** From the top of the repository. */
  readonly workflows: readonly FoundWorkflow[];
  /** From the folder of the project. */
  readonly functions: readonly FoundFunction[];
  readonly frameworks: readonly Framework[];
  /** Why the folders below the project's own were not searched; undefined where they were. */
  readonly notSearched?: string;
}

export interface SurveyInput {
  /** Absolute folder of the project. */
  readonly folder: string;
  /** Absolute top folder of the repository, where GitHub looks for workflows. */
  readonly root: string;
  /** `owner/name`, as far as it is known: a workflow may call others by it. */
  readonly repository: string | undefined;
  /** The default branch, asked for where there are workflows. */
  readonly branch: () => Promise<string>;
  readonly env: Environment;
}

/**
 * Looks at what is in a repository: Terraform code, states, workflows, functions. Reads files and asks git, and sends nothing.
 * Throws a CrcError for a folder that cannot be read.
 */
export async function surveyOf(input: SurveyInput): Promise<Survey> {
  const [{ terraform, notSearched }, states, workflows, deployed] = await Promise.all([
    terraformBelow(input.folder),
    committedStates(input.folder, input.env),
    workflowsOf(input),
    functionsAndFrameworks(input.folder),
  ]);
  // In a tree without an end, what is found is of other projects.
  const { functions, frameworks } = notSearched === undefined ? deployed : { functions: [], frameworks: [] };
  return { terraform, committedStates: states, workflows, functions, frameworks, notSearched };
}

/** In a tree without an end, such as a home folder, the project's own folder counts alone. */
async function terraformBelow(folder: string): Promise<Pick<Survey, 'terraform' | 'notSearched'>> {
  // The parser of Terraform's language is loaded by its first file.
  const { terraformFolder, terraformFolders, TooManyFolders } = await import('../../terraform/source/folders.ts');
  try {
    return { terraform: await terraformFolders(folder) };
  } catch (error) {
    if (!(error instanceof TooManyFolders)) throw error;
    return { terraform: await terraformFolder(folder), notSearched: error.message };
  }
}

/** Nothing was found: the project is a new one. */
export function isEmpty({ terraform, committedStates: states, workflows, functions, frameworks }: Survey): boolean {
  return [terraform, states, workflows, functions, frameworks].every((list) => list.length === 0);
}
