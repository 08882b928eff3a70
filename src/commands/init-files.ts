import { basename, join, relative, sep } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import type { Config } from '../config/schema.ts';
import { fileWithBackend } from '../init/backends.ts';
import { counterDrafts, isPython, mayBeCounter } from '../init/counter.ts';
import { contentOf, type Draft, isWritten, type ProjectFile, planFiles } from '../init/files.ts';
import { extendedGitIgnore, type GitIgnore } from '../init/gitignore.ts';
import { readmeWithSection } from '../init/readme.ts';
import { checksOf, toolDrafts } from '../init/tools.ts';
import { repositoriesTrusted } from '../policies/trust.ts';
import { backendHcl, backendOf, stateKeys } from '../terraform/backend.ts';
import type { InitOptions } from './definitions/init.ts';
import type { InitConfig } from './init-existing.ts';
import { workflowOf } from './workflow-yaml.ts';

export const CONFIG = 'crc.config.json';

export const WORKFLOW = '.github/workflows/infrastructure.yml';

const BACKEND = 'backend.tf';

export interface Project extends InitConfig {
  /** Absolute folder of the config. */
  readonly folder: string;
  /** Absolute top folder of the repository; the project's own outside a clone. */
  readonly root: string;
}

/** All files of a project, and what becomes of them. Throws a CrcError for what is in the way. */
export async function filesOf(project: Project, options: InitOptions): Promise<readonly ProjectFile[]> {
  const { config, text, adds, folder, root } = project;
  const force = options.force ?? false;
  const place = { folder, boundary: root };
  const counters = config.functions.filter(mayBeCounter);
  const code = await Promise.all(counters.map((counter) => counterDrafts(counter, folder, force)));
  const isCounter = (index: number) => code[index]?.every(({ keep }) => keep === undefined) ?? false;
  const sourceOf = (python: boolean) =>
    counters.find((counter, index) => isPython(counter) === python && isCounter(index))?.source;
  const python = sourceOf(true);
  const typescript = sourceOf(false);
  const tools = await toolDrafts({ folder, typescript, python, version: packageJson.version });
  const own = await planFiles(
    place,
    [
      ...(text === undefined ? [] : [{ path: CONFIG, content: text, adds }]),
      ...code.flat(),
      ...tools,
      ...(await backendDrafts(config, folder)),
      ...(await gitIgnoreDrafts(project, python !== undefined)),
      await readmeDraft(project, { python, typescript, checks: checksOf(tools, { python, typescript }) }),
    ],
    force,
  );
  const workflow = await planFiles(place, [await workflowDraft(project, options, own)], force);
  return [...own, ...workflow];
}

/** Terraform code of one state; with several nobody knows which is where. */
async function backendDrafts(config: Config, folder: string): Promise<readonly Draft[]> {
  const keys = stateKeys(config);
  const [key] = keys;
  if (key === undefined || keys.length > 1) return [];
  const other = await fileWithBackend(folder, BACKEND);
  if (other !== undefined) {
    return [{ path: other, content: '', keep: 'has a backend already; compare it with `npx crc backend`' }];
  }
  return [{ path: BACKEND, content: `${backendHcl(backendOf(config, key, undefined))}\n` }];
}

async function gitIgnoreDrafts({ folder, root }: Project, python: boolean): Promise<readonly Draft[]> {
  const path = '.gitignore';
  const own = await contentOf(join(folder, path), path);
  const { text, added } = extendedGitIgnore({ own, above: await gitIgnoresAbove(folder, root), python });
  // A folder above may ignore all of it already.
  return own === undefined && added.length === 0 ? [] : [{ path, content: text, adds: `adds ${added.join(' ')}` }];
}

async function gitIgnoresAbove(folder: string, root: string): Promise<readonly GitIgnore[]> {
  const below = relative(root, folder).split(sep);
  const levels = below.map((_, depth) => below.slice(0, depth)).filter(() => folder !== root);
  return await Promise.all(
    levels.map(async (way) => {
      const path = join(root, ...way, '.gitignore');
      return { text: (await contentOf(path, path)) ?? '', below: below.slice(way.length).join('/') };
    }),
  );
}

async function readmeDraft(
  { config, folder }: Project,
  {
    python,
    typescript,
    checks,
  }: {
    readonly python: string | undefined;
    readonly typescript: string | undefined;
    readonly checks: readonly string[];
  },
): Promise<Draft> {
  const path = 'README.md';
  const [source, kind] =
    typescript === undefined ? ([python, 'python'] as const) : ([typescript, 'typescript'] as const);
  const content = readmeWithSection({
    text: await contentOf(join(folder, path), path),
    title: repositoriesTrusted(config.roles)[0]?.split('/')[1] ?? basename(folder),
    counter: source === undefined ? undefined : { source, kind, checks },
    hasState: stateKeys(config).length > 0,
  });
  return { path, content, adds: 'adds a section about AWS' };
}

async function workflowDraft(
  { config, folder, root }: Project,
  { branch, repository }: InitOptions,
  own: readonly ProjectFile[],
): Promise<Draft> {
  // As a file that is kept stays, its content here is not what the tests of the workflow are found by.
  const pending = own.filter(isWritten);
  // A new config has GitHub's spelling of the name, and that repository alone.
  const isOneOfSeveral = repository !== undefined && repositoriesTrusted(config.roles).includes(repository);
  const content = await workflowOf(config, join(folder, CONFIG), {
    pending,
    branch,
    ...(isOneOfSeveral ? { repository } : {}),
  });
  return { path: relative(folder, join(root, WORKFLOW)).split(sep).join('/'), content };
}
