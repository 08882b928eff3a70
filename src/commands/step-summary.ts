import { appendFile } from 'node:fs/promises';
import { systemError } from '../errors.ts';
import type { Io } from '../ui/io.ts';
import { printErr } from '../ui/print.ts';
import { errorText } from '../ui/text.ts';

/**
 * Adds a Markdown report to the summary of a GitHub Actions job. Does nothing elsewhere, nor with --markdown, since
 * stdout may then be redirected to the summary.
 */
export async function addToSummary(
  report: () => string,
  { markdown = false }: { readonly markdown?: boolean },
  io: Io,
): Promise<void> {
  const { GITHUB_STEP_SUMMARY } = io.env;
  if (!GITHUB_STEP_SUMMARY || markdown) return;
  try {
    await appendFile(GITHUB_STEP_SUMMARY, `${report()}\n`);
  } catch (error) {
    // The report still goes to stdout, and the exit code shows the result.
    const problem = systemError(error, `The step summary ${GITHUB_STEP_SUMMARY} cannot be written`);
    if (problem === undefined) throw error;
    await printErr(io, `${errorText(problem, io.color)}\n`);
  }
}
