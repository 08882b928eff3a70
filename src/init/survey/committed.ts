import type { Environment } from '../../environment.ts';
import { output } from '../../github/program.ts';

/** A state, or one of the copies that Terraform and people make of it. */
const STATE = ':(glob)**/*.tfstate*';

/** Files of states that are in git, below a folder and relative to it. None outside a clone. */
export async function committedStates(folder: string, env: Environment): Promise<readonly string[]> {
  const listed = await output('git', ['ls-files', '--cached', '-z', '--', STATE], folder, env);
  return (listed ?? '').split('\0').filter((path) => path !== '' && !path.endsWith('.lock.info'));
}
