import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import { ifFile, regularText } from '../regular-file.ts';

/**
 * The names in a folder that belong to Python libraries, as recorded by their installer (RECORD of a wheel, or the
 * older top_level.txt). https://packaging.python.org/en/latest/specifications/recording-installed-packages/
 */
export async function installedIn(folder: string, entries: readonly Dirent[]): Promise<ReadonlySet<string>> {
  const records = entries.filter((entry) => entry.isDirectory() && /\.(dist|egg)-info$/.test(entry.name));
  const names = await Promise.all(
    records.map(async ({ name }) => [
      name,
      ...lines(await readIfPresent(join(folder, name, 'RECORD'))).map((line) => line.split('/')[0] ?? ''),
      ...lines(await readIfPresent(join(folder, name, 'top_level.txt'))).flatMap((top) => [top, `${top}.py`]),
    ]),
  );
  // RECORD lists a file with its digest after a comma.
  return new Set(names.flat().map((name) => name.replace(/,.*$/, '').replace(/^"|"$/g, '')));
}

function lines(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('..'));
}

async function readIfPresent(file: string): Promise<string> {
  return (await ifFile(regularText(file))) ?? '';
}
