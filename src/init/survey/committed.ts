import type { Environment } from '../../environment.ts';
import { output } from '../../github/program.ts';

/** States and the copies that Terraform and users make of them. */
const STATE = ':(glob)**/*.tfstate*';

/** Variable files below a folder that git ignores, relative to it: a workflow does not have them. Empty outside a clone. */
export async function ignoredVariables(folder: string, env: Environment): Promise<readonly string[]> {
  // A whole folder that is ignored is not searched.
  const flags = ['--others', '--ignored', '--exclude-standard', '--directory', '-z'];
  const listed = await output('git', ['ls-files', ...flags, '--', '*.tfvars', '*.tfvars.json'], folder, env);
  return (listed ?? '').split('\0').filter((path) => path !== '');
}

/** State files in git below a folder, relative to it. Empty outside a clone. */
export async function committedStates(folder: string, env: Environment): Promise<readonly string[]> {
  const listed = await output('git', ['ls-files', '--cached', '-z', '--', STATE], folder, env);
  return (listed ?? '').split('\0').filter((path) => path !== '' && !path.endsWith('.lock.info'));
}
