import { dirname } from 'node:path';
import { CrcError } from '../errors.ts';
import type { Refs } from '../github/reader/events.ts';
import type { Variables } from '../github/reader/frame.ts';
import type { WorkflowLogins, WorkflowText } from '../github/reader/logins.ts';
import { loginsOfRepository } from '../github/reader/repository-logins.ts';
import { refusalsOf } from '../github/refused.ts';
import { readerOf, type WorkflowFile, workflowsBeside } from '../github/workflow-files.ts';
import { readGiven } from './explain-files.ts';

interface Place {
  readonly repository: string;
  readonly serverUrl: string | undefined;
  readonly refs: Refs;
  /** Requested only if a workflow reads one. */
  readonly variables: () => Promise<Variables>;
}

export interface ReadWorkflows extends WorkflowLogins {
  /** What GitHub rejects, one sentence per file. */
  readonly refused: readonly string[];
}

/** Reads workflows, called workflows and actions. Throws a CrcError for anything that is not a workflow. */
export async function readWorkflows(files: readonly WorkflowFile[], place: Place): Promise<ReadWorkflows> {
  const withText = await Promise.all(
    files.map(async (workflowFile) => ({
      ...workflowFile,
      text: await readGiven(workflowFile.file === '-' ? '-' : workflowFile.absolute, workflowFile.root).catch(
        (error: unknown) => {
          throw renamed(error, workflowFile);
        },
      ),
    })),
  );
  const refused = (
    await Promise.all(withText.map(async ({ file, text }) => ({ file, all: await refusalsOf(text) })))
  ).flatMap(({ file, all }) => {
    const [first, ...more] = all;
    if (first === undefined) return [];
    const count = more.length === 0 ? '' : ` (and ${more.length} more)`;
    return [{ file, sentence: `GitHub refuses ${file}: ${first}${count}.` }];
  });
  // A workflow that GitHub rejects never runs: one of several is left out, and a single one is reported by the caller.
  const running =
    files.length === 1 ? withText : withText.filter(({ file }) => !refused.some((refusal) => refusal.file === file));
  const first = files[0];
  const beside = await textsBeside(files);
  const readsVariables = [...running, ...beside].some(({ text }) => /\bvars\b/.test(text));
  const logins = await loginsOfRepository({
    workflows: running,
    beside,
    ...place,
    readFile: readerOf(first?.root ?? dirname('.')),
    variables: readsVariables ? await place.variables() : () => undefined,
  });
  return { ...logins, refused: refused.map(({ sentence }) => sentence) };
}

/** The other workflows in their folders. */
async function textsBeside(files: readonly WorkflowFile[]): Promise<readonly WorkflowText[]> {
  const inFolders = (await Promise.all(files.filter(({ path }) => path !== undefined).map(workflowsBeside))).flat();
  const given = new Set(files.map(({ absolute }) => absolute));
  const neighbours = new Map(
    inFolders.filter(({ absolute }) => !given.has(absolute)).map((neighbour) => [neighbour.absolute, neighbour]),
  );
  const texts = await Promise.all(
    [...neighbours.values()].map(async ({ path, file, root }) => ({
      path,
      file,
      text: path === undefined ? undefined : await readerOf(root)(path),
    })),
  );
  return texts.flatMap(({ text, ...named }) => (text === undefined ? [] : [{ ...named, text }]));
}

/** An error names the file as the user did. */
function renamed(error: unknown, { absolute, file }: WorkflowFile): unknown {
  if (!(error instanceof CrcError)) return error;
  return new CrcError(error.message.replace(absolute, file), { ...error, cause: error.cause });
}
