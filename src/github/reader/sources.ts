import { posix } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { CrcError } from '../../errors.ts';
import { isNode, type Node, nodeOf, textOf } from './yaml-node.ts';

/** A workflow or an action in a repository. */
export interface Source {
  readonly text: string;
  readonly node: Node;
}

/** What a workflow uses from its own repository, by path. */
export type Sources = ReadonlyMap<string, Source>;

/** The text of a file of the repository, by its path from the root; undefined if it does not exist. */
export type ReadFile = (path: string) => Promise<string | undefined>;

/** @throws CrcError if it is not YAML, or not a workflow. Never quotes the text, since it may contain a secret. */
export function workflowOf(text: string, file: string): Node {
  const node = yamlOf(text, file);
  if (isNode(node.jobs)) return node;
  throw new CrcError(`${file} is not a GitHub Actions workflow: it has no jobs.`, {
    hint: 'Pass a workflow, for example .github/workflows/infrastructure.yml.',
  });
}

function yamlOf(text: string, file: string): Node {
  try {
    return nodeOf(parse(text, { logLevel: 'error', merge: true }));
  } catch (error) {
    // Its message quotes the file, which may contain a secret.
    const [start] = error instanceof YAMLParseError ? (error.linePos ?? []) : [];
    const place = start === undefined ? '' : ` (line ${start.line}, column ${start.col})`;
    throw new CrcError(`${file} is not valid YAML${place}.`, {
      hint: 'Pass a GitHub Actions workflow, for example .github/workflows/infrastructure.yml.',
      cause: error,
    });
  }
}

/** All workflows and actions in the repository that a workflow uses, directly or not, if they exist. */
export async function sourcesOf(workflow: Node, repository: string, readFile: ReadFile): Promise<Sources> {
  const sources = new Map<string, Source>();
  const follow = async (node: Node): Promise<void> => {
    for (const uses of usesOf(node)) {
      for (const path of pathsOf(uses, repository)) {
        if (sources.has(path)) break;
        const text = await readFile(path);
        if (text === undefined) continue;
        const source = { text, node: yamlOf(text, path) };
        sources.set(path, source);
        await follow(source.node);
        break;
      }
    }
  };
  await follow(workflow);
  return sources;
}

function usesOf(node: Node): readonly string[] {
  const jobs = Object.values(nodeOf(node.jobs)).map(nodeOf);
  const steps = [nodeOf(node.runs), ...jobs].flatMap((job) => (Array.isArray(job.steps) ? job.steps : []));
  return [...jobs, ...steps.map(nodeOf)].map(({ uses }) => textOf(uses)).filter((uses) => uses !== '');
}

/** The possible paths of something used from the same repository. Nothing outside the repository is ever read. */
function pathsOf(uses: string, repository: string): readonly string[] {
  const workflow = localWorkflow(uses, repository);
  if (workflow !== undefined) return [workflow];
  const action = localUse(uses, repository);
  return action.startsWith('./') ? actionFiles(action) : [];
}

/** `./.github/actions/x` for something of the same repository that is given with its full name: `owner/name/…@v1`. */
export function localUse(uses: string, repository: string): string {
  const own = `${repository}/`;
  return uses.toLowerCase().startsWith(own.toLowerCase()) ? `./${uses.slice(own.length).replace(/@[^@]*$/, '')}` : uses;
}

/** The path of a called workflow in the same repository, given as `./.github/workflows/x.yml` or with the full name. */
export function localWorkflow(uses: string, repository: string): string | undefined {
  const path = localUse(uses, repository).replace(/^\.\//, '');
  return /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path) ? path : undefined;
}

function actionFiles(uses: string): readonly string[] {
  const folder = posix.normalize(uses);
  if (folder.startsWith('..') || posix.isAbsolute(folder)) return [];
  return ['action.yml', 'action.yaml'].map((name) => posix.join(folder, name));
}

/** The repository's own action that a step uses by path; undefined if it does not exist. */
export function localAction(sources: Sources, uses: string): Node | undefined {
  return actionFiles(uses)
    .map((path) => sources.get(path)?.node)
    .find((node) => node !== undefined);
}
