import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import * as fileSystem from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CrcError } from '../errors.ts';
import { cannotWrite, contentOf, isWritten, type ProjectFile } from './files.ts';

/** The file system functions in use; a test simulates a full disk. */
export type Writer = Pick<
  typeof fileSystem,
  'chmod' | 'copyFile' | 'link' | 'mkdir' | 'rename' | 'rm' | 'rmdir' | 'stat' | 'writeFile'
>;

/** A file whose content is stored next to its destination. */
interface Staged {
  readonly file: ProjectFile;
  readonly temporary: string;
}

/**
 * Writes the planned files: all or none of them, as far as the file system allows. Each is first written next to its
 * destination, so that a full disk is detected before anything is changed, and files already in place are restored if a
 * later one fails. A file that appeared in the meantime is not replaced, and neither is one that was changed since it was
 * read. @throws CrcError that lists what could not be restored, if anything.
 */
export async function writeFiles(files: readonly ProjectFile[], writer: Writer = fileSystem): Promise<void> {
  const staged: Staged[] = [];
  const created: Folder[] = [];
  const placed: ProjectFile[] = [];
  let current = '';
  try {
    for (const file of files.filter(isWritten)) {
      current = file.path;
      const folder = dirname(file.place);
      const top = await writer.mkdir(folder, { recursive: true });
      if (top !== undefined) created.push({ folder, top });
      const temporary = join(folder, `.crc-${randomUUID()}.tmp`);
      staged.push({ file, temporary });
      await writer.writeFile(temporary, file.content, { flag: 'wx' });
    }
    for (const { file } of staged) {
      if (file.action !== 'create' && (await contentOf(file.place, file.path)) !== file.previous) throw changed(file);
    }
    for (const { file, temporary } of staged) {
      current = file.path;
      if (file.action === 'create') await putInPlace(temporary, file.place, writer);
      else await replace(temporary, file.place, writer);
      placed.push(file);
    }
  } catch (error) {
    const left = await undo(placed, writer);
    await removeTemporary(staged, writer);
    for (const folder of created.reverse()) await removeEmpty(folder, writer);
    throw cannotWrite(current, error, left);
  }
  await removeTemporary(staged, writer);
}

function changed({ path }: ProjectFile): CrcError {
  return new CrcError(`${path} has changed since crc read it.`, {
    hint: 'Nothing was written. Run the command again.',
  });
}

/** A folder created for a file, and the topmost one created along with it. */
interface Folder {
  readonly folder: string;
  readonly top: string;
}

async function removeTemporary(staged: readonly Staged[], writer: Writer): Promise<void> {
  for (const { temporary } of staged) await writer.rm(temporary, { force: true });
}

/** A folder that contains anything by now is kept. */
async function removeEmpty({ folder, top }: Folder, writer: Writer): Promise<void> {
  for (let at = folder; ; at = dirname(at)) {
    const isGone = await writer.rmdir(at).then(
      () => true,
      () => false,
    );
    if (!isGone || at === top) return;
  }
}

/** Restores the previous content. Returns the paths for which that failed. */
async function undo(placed: readonly ProjectFile[], writer: Writer): Promise<readonly string[]> {
  const left: string[] = [];
  for (const { path, place, action, previous = '' } of [...placed].reverse()) {
    const back = action === 'create' ? writer.rm(place) : writer.writeFile(place, previous);
    await back.catch(() => left.unshift(path));
  }
  return left;
}

/** Some file systems (exFAT, some network shares) do not support hard links. */
const NO_LINKS = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'];

/** Unlike a rename, a hard link does not replace an existing file. */
async function putInPlace(temporary: string, path: string, writer: Writer): Promise<void> {
  try {
    await writer.link(temporary, path);
  } catch (error) {
    if (!NO_LINKS.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await writer.copyFile(temporary, path, constants.COPYFILE_EXCL);
  }
}

/** The new file gets the mode of the old one, so that a script stays executable and a private file private. */
async function replace(temporary: string, path: string, writer: Writer): Promise<void> {
  const { mode } = await writer.stat(path);
  await writer.chmod(temporary, mode & 0o7777);
  await writer.rename(temporary, path);
}
