import { abbreviated } from '../enumerated.ts';
import type { LockTableUsers } from '../resources/context.ts';

/** Maximum number of blocks shown by location; the rest are counted. */
const MAX_SHOWN = 3;

/**
 * The backend blocks in the repository that lock in a table, for display; undefined if there are none. The repository
 * is the clone that contains the config, or else the config's folder. @throws CrcError for a folder that cannot be
 * read.
 */
export function lockTableUsers(root: string): LockTableUsers {
  return async (table) => {
    const [{ gitRoot }, { terraformFolders }] = await Promise.all([
      import('../github/clone.ts'),
      import('../terraform/source/folders.ts'),
    ]);
    const folders = await terraformFolders(gitRoot(root) ?? root);
    const places = folders.flatMap(({ backends }) =>
      backends
        .filter(
          ({ type, arguments: { dynamodb_table: named }, unknown }) =>
            type === 's3' && (named === table || unknown.includes('dynamodb_table')),
        )
        .map(({ file, line }) => `${file}:${line}`),
    );
    if (places.length === 0) return undefined;
    const blocks = places.length === 1 ? 'a backend block names it' : `${places.length} backend blocks name it`;
    return `${blocks} (${abbreviated(places, MAX_SHOWN)}). Go over to the S3 lock file first: \`crc backend --check\` shows the next step`;
  };
}
