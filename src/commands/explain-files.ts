import { decoded } from '../decoded.ts';
import { CrcError, systemError } from '../errors.ts';
import { type WorkflowFile, workflowFilesAt } from '../github/workflow-files.ts';
import { isTooLarge } from '../regular-file.ts';
import { withoutSecrets } from '../secrets.ts';
import { givenInput } from './given-file.ts';

const MAX_BYTES = 1024 * 1024;

/** The text of a file given by the user, or of stdin for `-`. Throws a CrcError that shows no token. */
export async function readGiven(file: string, cwd: string): Promise<string> {
  try {
    return decoded(await givenInput(file, cwd, MAX_BYTES));
  } catch (error) {
    if (isTooLarge(error)) {
      const name = file === '-' ? 'stdin' : file;
      throw new CrcError(`${name} is larger than 1 MB, so it is neither a token nor a workflow.`, {
        hint: 'Check the path.',
        cause: error,
      });
    }
    if (withoutSecrets(file) !== file) {
      throw new CrcError('A token was passed instead of a file name.', {
        hint: 'Save it to a file and pass its name, or pass the token on stdin with --token -. It may now be in your shell history.',
      });
    }
    throw systemError(error, `${file} cannot be read`) ?? error;
  }
}

/** The workflows at the given paths, each once. Throws a CrcError for a folder without any. */
export async function workflowsGiven(paths: readonly string[], cwd: string): Promise<readonly WorkflowFile[]> {
  const byPath = await Promise.all(
    paths.map(async (path) => {
      const files = await workflowFilesAt(path, cwd);
      if (files.length > 0) return files;
      throw new CrcError(`${path} is not a GitHub Actions workflow, nor a folder that contains one.`, {
        hint: 'Pass a workflow, or a folder of workflows, for example .github/workflows.',
      });
    }),
  );
  return [...new Map(byPath.flat().map((workflow) => [workflow.absolute, workflow])).values()];
}
