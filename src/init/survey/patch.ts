import { createTwoFilesPatch } from 'diff';

/** What changes in a file, as `git apply` takes it. Paths are from the top of the repository. */
export function patchOf(path: string, before: string, after: string): string {
  const patch = createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, { context: 2 });
  // Its first line is a ruler of equals signs.
  return patch.replace(/^=+\n/, '');
}
