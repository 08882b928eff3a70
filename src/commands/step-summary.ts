import { appendFile } from 'node:fs/promises';
import { systemError } from '../errors.ts';
import type { Io } from '../ui/io.ts';
import { printErr } from '../ui/print.ts';
import { errorText } from '../ui/text.ts';

/** Adds a report in Markdown to the summary of a job of GitHub Actions. Elsewhere nothing is done, and no report is written. */
export async function addToSummary(report: () => string, io: Io): Promise<void> {
  const { GITHUB_STEP_SUMMARY } = io.env;
  if (!GITHUB_STEP_SUMMARY) return;
  try {
    await appendFile(GITHUB_STEP_SUMMARY, `${report()}\n`);
  } catch (error) {
    // The report is still due on stdout, and the exit code says what was found.
    const problem = systemError(error, `The step summary ${GITHUB_STEP_SUMMARY} cannot be written`);
    if (problem === undefined) throw error;
    await printErr(io, `${errorText(problem, io.color)}\n`);
  }
}
