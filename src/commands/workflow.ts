import { isAbsolute, normalize } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { CrcError } from '../errors.ts';
import type { Io } from '../ui/io.ts';
import { workflowDocument } from '../ui/json.ts';
import type { WorkflowOptions } from './definitions/workflow.ts';
import { type WorkflowChoices, workflowOf } from './workflow-yaml.ts';

/** Prints the GitHub Actions workflow of a repository. Sends nothing. */
export async function workflow(options: WorkflowOptions, io: Io): Promise<number> {
  checkChoices(options);
  const { config, file } = await loadConfig({ cwd: io.cwd, file: options.config, region: options.region });
  const yaml = await workflowOf(config, file, options);
  io.out(options.json ? `${workflowDocument(yaml)}\n` : yaml);
  return 0;
}

/** https://git-scm.com/docs/git-check-ref-format */
const NO_BRANCH = /[ ~^:?*[\\\p{Cc}]|\.\.|@\{|\/\/|^[-/]|(^|\/)\.|[/.]$|\.lock(\/|$)|^@$/u;

function checkChoices({ branch, directory }: WorkflowChoices): void {
  if (branch !== undefined && NO_BRANCH.test(branch)) {
    throw new CrcError(`--branch: ${JSON.stringify(branch)} cannot be the name of a branch.`, {
      hint: 'Write one like "main".',
    });
  }
  if (
    directory !== undefined &&
    (/\p{Cc}/u.test(directory) || isAbsolute(directory) || /^\.\.(\/|$)/.test(normalize(directory)))
  ) {
    throw new CrcError(`--directory: ${JSON.stringify(directory)} is not a folder of the repository.`, {
      hint: 'Write it relative to the top of the repository, like "terraform".',
    });
  }
}
