import { createTwoFilesPatch } from 'diff';

/** The changes to a file in the format of `git apply`. Paths are relative to the top of the repository. */
export function patchOf(path: string, before: string, after: string): string {
  const patch = createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, { context: 2 });
  // Its first line is a row of equals signs.
  return patch.replace(/^=+\n/, '');
}
