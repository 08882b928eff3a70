import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { initLine, isOpen } from '../init/survey/proposal.ts';
import { slashes } from '../slashes.ts';
import { type TerraformFolder, TooManyFolders, terraformFolders } from '../terraform/source/folders.ts';
import { foreign, foreignWord } from '../ui/foreign.ts';

export interface SaveInput {
  /** Absolute: the folder of the config, which is searched for Terraform code, and the current folder. */
  readonly folder: string;
  readonly cwd: string;
  /** The state that the block is for. */
  readonly key: string;
  /** The words of the command that prints the block: `backend`, with the given arguments. */
  readonly words: string;
  /** `backend.tf`, or the same in JSON. */
  readonly file: string;
}

/**
 * How to save the backend block of a state, in one or two sentences: compare it with an existing block, fill in a block
 * that has neither a bucket nor a key, or write it to a new file. A folder can only have one block, since Terraform
 * rejects a second one. Reads the Terraform code below the folder. @throws CrcError if a folder cannot be read.
 */
export async function saveBackend({ folder, cwd, key, words, file }: SaveInput): Promise<string> {
  const folders = await foldersBelow(folder);
  const placeOf = (path: string) => slashes(relative(cwd, join(folder, path))) || '.';
  const blocks = folders.flatMap((owner) => owner.backends.map((backend) => ({ owner, backend })));
  const run = (owner: Pick<TerraformFolder, 'directory' | 'localStates'>) =>
    `Then run \`${initLine({ ...owner, directory: placeOf(owner.directory) }, foreignWord)}\`.`;
  const compare = ({ owner, backend }: (typeof blocks)[number]) =>
    `compare the backend block in ${foreign(placeOf(backend.file))} with the one above. ${run(owner)}`;
  const own = blocks.find(({ backend }) => backend.arguments.key === key);
  if (own !== undefined) return compare(own);
  const [open, secondOpen] = blocks.filter(({ backend }) => isOpen(backend));
  if (open !== undefined && secondOpen === undefined) {
    const place = `${foreign(placeOf(open.backend.file))}:${open.backend.line}`;
    return `paste the lines of the backend above into the block at ${place}. ${run(open.owner)}`;
  }
  const current = blocks.find(({ owner }) => placeOf(owner.directory) === '.');
  if (current !== undefined) return compare(current);
  const [bare, secondBare] = folders.filter(({ backends, unread }) => backends.length + unread.length === 0);
  const owner = bare !== undefined && secondBare === undefined ? bare : { directory: '.', localStates: [] };
  const at = placeOf(owner.directory);
  const path = foreignWord(at === '.' ? file : `${at}/${file}`);
  // The shell would truncate it before crc starts.
  if (existsSync(join(folder, owner.directory, file)))
    return `\`crc ${words}\` prints the backend block: add it to ${path}. ${run(owner)}`;
  return `\`crc ${words} > ${path}\` saves the backend block. ${run(owner)}`;
}

/** Empty for a tree with too many folders, such as a home folder. */
async function foldersBelow(folder: string): Promise<readonly TerraformFolder[]> {
  try {
    return await terraformFolders(folder);
  } catch (error) {
    if (error instanceof TooManyFolders) return [];
    throw error;
  }
}
