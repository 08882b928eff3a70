import type { Environment } from '../../environment.ts';
import { output } from '../../github/program.ts';

/** States and the copies that Terraform and users make of them. */
const STATE = ':(glob)**/*.tfstate*';

/** State files in git below a folder, relative to it. Empty outside a clone. */
export async function committedStates(folder: string, env: Environment): Promise<readonly string[]> {
  const listed = await output('git', ['ls-files', '--cached', '-z', '--', STATE], folder, env);
  return (listed ?? '').split('\0').filter((path) => path !== '' && !path.endsWith('.lock.info'));
}
