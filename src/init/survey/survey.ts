import type { Environment } from '../../environment.ts';
import type { TerraformFolder } from '../../terraform/source/folders.ts';
import { committedStates, ignoredVariables } from './committed.ts';
import { type Framework, type FunctionFolder, functionsAndFrameworks } from './functions.ts';
import { type FoundWorkflow, workflowsOf } from './workflows.ts';

/** What a repository already contains that matters to a new project. Paths have slashes. */
export interface Survey {
  /** Relative to the project. */
  readonly terraform: readonly TerraformFolder[];
  /** State files in git, relative to the project. Anyone who can read the repository can read the secrets in them. */
  readonly committedStates: readonly string[];
  /** Relative to the top of the repository. */
  readonly workflows: readonly FoundWorkflow[];
  /** Relative to the project. */
  readonly functions: readonly FunctionFolder[];
  readonly frameworks: readonly Framework[];
  /** Why the project's subfolders were not searched; undefined if they were. */
  readonly notSearched?: string;
}

export interface SurveyInput {
  /** Absolute folder of the project. */
  readonly folder: string;
  /** Absolute top folder of the repository, where GitHub looks for workflows. */
  readonly root: string;
  /** `owner/name` if known; a workflow may call others by it. */
  readonly repository: string | undefined;
  /** The default branch, only requested if there are workflows. */
  readonly branch: () => Promise<string>;
  readonly env: Environment;
}

/**
 * Surveys a repository: Terraform code, states, workflows, functions. Reads files and runs git, and sends nothing.
 * @throws CrcError for a folder that cannot be read.
 */
export async function surveyOf(input: SurveyInput): Promise<Survey> {
  const [{ terraform, notSearched }, states, workflows, deployed] = await Promise.all([
    terraformBelow(input),
    committedStates(input.folder, input.env),
    workflowsOf(input),
    functionsAndFrameworks(input.folder),
  ]);
  // In a very large tree, anything found belongs to other projects.
  const { functions, frameworks } = notSearched === undefined ? deployed : { functions: [], frameworks: [] };
  return { terraform, committedStates: states, workflows, functions, frameworks, notSearched };
}

/** In a very large tree, such as a home folder, only the project's own folder is searched. */
async function terraformBelow({ folder, env }: SurveyInput): Promise<Pick<Survey, 'terraform' | 'notSearched'>> {
  // The parser for Terraform's language is loaded with the first file.
  const [{ terraformFolder, terraformFolders, TooManyFolders }, ignored] = await Promise.all([
    import('../../terraform/source/folders.ts'),
    ignoredVariables(folder, env),
  ]);
  try {
    return { terraform: await terraformFolders(folder, ignored) };
  } catch (error) {
    if (!(error instanceof TooManyFolders)) throw error;
    return { terraform: await terraformFolder(folder, ignored), notSearched: error.message };
  }
}

/** Nothing exists yet: it is a new project. */
export function isEmpty({ terraform, committedStates: states, workflows, functions, frameworks }: Survey): boolean {
  return [terraform, states, workflows, functions, frameworks].every((list) => list.length === 0);
}
