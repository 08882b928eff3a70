import { basename, join, relative } from 'node:path';
import { uniqueBy } from '../group-by.ts';
import { counterDrafts, mayBeCounter } from '../init/counter.ts';
import { contentOf, type Draft, isWritten, type ProjectFile, planFiles } from '../init/files.ts';
import { extendedGitIgnore, type GitIgnore } from '../init/gitignore.ts';
import { readmeWithSection } from '../init/readme.ts';
import { backendFile } from '../init/survey/proposal.ts';
import type { Survey } from '../init/survey/survey.ts';
import { isOfAnotherProject, WORKFLOW } from '../init/survey/workflows.ts';
import { checksOf, toolDrafts } from '../init/tools.ts';
import { OWN_PACKAGE } from '../own-package.ts';
import { isPython } from '../package/handler.ts';
import { COMMANDS, type PackageManager } from '../package-manager.ts';
import { repositoriesTrusted, rolesOfRepository } from '../policies/trust.ts';
import { slashes } from '../slashes.ts';
import { backendHcl, backendOf, stateKeys } from '../terraform/backend.ts';
import type { AccountView } from '../ui/account.ts';
import type { InitOptions } from './definitions/init.ts';
import type { InitConfig } from './init-existing.ts';
import { inRepository, type Proposal } from './init-survey.ts';
import { workflowOf } from './workflow-yaml.ts';

export const CONFIG = 'crc.config.json';

export interface Project extends InitConfig {
  /** Absolute folder of the config. */
  readonly folder: string;
  /** Absolute top folder of the repository; the project's own outside a clone. */
  readonly root: string;
  readonly manager: PackageManager;
  readonly survey: Survey;
  readonly proposal: Proposal;
  /** What the account has, if the config comes from it. */
  readonly account?: AccountView;
}

/** All files of a project, and what happens to them. Throws a CrcError for obstacles. */
export async function filesOf(project: Project, options: InitOptions): Promise<readonly ProjectFile[]> {
  const { config, text, adds, folder, root, manager } = project;
  const force = options.force ?? false;
  const place = { folder, boundary: root };
  const counters = config.functions.filter(mayBeCounter);
  const code = await Promise.all(counters.map((counter) => counterDrafts(counter, folder, force)));
  const isCounter = (index: number) => code[index]?.every(({ keep }) => keep === undefined) ?? false;
  const sourceOf = (python: boolean) =>
    counters.find((counter, index) => isPython(counter.runtime) === python && isCounter(index))?.source;
  const python = sourceOf(true);
  const typescript = sourceOf(false);
  const tools = await toolDrafts({ folder, typescript, python, version: OWN_PACKAGE.version });
  const own = await planFiles(
    place,
    [
      ...(text === undefined ? [] : [{ path: CONFIG, content: text, adds }]),
      ...code.flat(),
      ...tools,
      ...backendDrafts(project),
      ...(await gitIgnoreDrafts(project, python !== undefined)),
      await readmeDraft(project, { python, typescript, checks: checksOf(tools, { python, typescript, manager }) }),
    ],
    force,
  );
  // Existing roles have workflows that use them.
  const isUsed = project.account !== undefined && project.account.roles.length > 0;
  const workflows = [...loginDrafts(project, options), ...(isUsed ? [] : [await workflowDraft(project, options, own)])];
  return [...own, ...(await planFiles(place, onePerPath(workflows), force))];
}

/** A backend block for each folder without one; existing ones belong to the user. */
function backendDrafts({ config, survey, manager, proposal: { states } }: Project): readonly Draft[] {
  const keep = `existing backend block; compare it with \`${COMMANDS[manager].exec} crc backend\``;
  const written = states
    .filter(({ directory, backend }) => backend === undefined || backend.file === backendFile(directory))
    .map(
      ({ key, directory }): Draft => ({
        path: backendFile(directory),
        content: `${backendHcl(backendOf(config, key, undefined))}\n`,
      }),
    );
  const kept = survey.terraform.flatMap(({ backends }) =>
    backends.map(({ file }): Draft => ({ path: file, content: '', keep })),
  );
  return onePerPath([...written, ...kept]);
}

function onePerPath(drafts: readonly Draft[]): readonly Draft[] {
  return uniqueBy(drafts, ({ path }) => path);
}

async function gitIgnoreDrafts({ folder, root }: Project, python: boolean): Promise<readonly Draft[]> {
  const path = '.gitignore';
  const own = await contentOf(join(folder, path), path);
  const { text, added } = extendedGitIgnore({ own, above: await gitIgnoresAbove(folder, root), python });
  // A parent folder may already ignore all of it.
  return own === undefined && added.length === 0 ? [] : [{ path, content: text, adds: `adds ${added.join(' ')}` }];
}

async function gitIgnoresAbove(folder: string, root: string): Promise<readonly GitIgnore[]> {
  const below = slashes(relative(root, folder)).split('/');
  const levels = below.map((_, depth) => below.slice(0, depth)).filter(() => folder !== root);
  return await Promise.all(
    levels.map(async (way) => {
      const path = join(root, ...way, '.gitignore');
      return { text: (await contentOf(path, path)) ?? '', below: below.slice(way.length).join('/') };
    }),
  );
}

async function readmeDraft(
  { config, folder, manager }: Project,
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
    manager,
  });
  return { path, content, adds: 'adds a section about AWS' };
}

/** The user's workflows that lose their access keys: requested separately, since their roles must exist first. */
function loginDrafts({ folder, root, proposal }: Project, { oidc }: InitOptions): readonly Draft[] {
  if (!oidc) return [];
  return proposal.logins.map(({ path, jobs, after }) => {
    const place = slashes(relative(folder, join(root, path)));
    if (after === undefined)
      return { path: place, content: '', keep: `replace the access keys of ${jobs.join(', ')} manually` };
    return { path: place, content: after, adds: `OIDC instead of access keys in ${jobs.join(', ')}` };
  });
}

async function workflowDraft(
  { config, folder, root, manager, survey, proposal }: Project,
  { branch, repository }: InitOptions,
  own: readonly ProjectFile[],
): Promise<Draft> {
  const inProject = (path: string) => slashes(relative(folder, join(root, path)));
  const { roles } = config;
  if (survey.workflows.some((workflow) => isOfAnotherProject(workflow, { roles, folder, root }))) {
    const keep = `of another project; \`${COMMANDS[manager].exec} crc workflow\` prints one for this project`;
    return { path: inProject(WORKFLOW), content: '', keep };
  }
  const other = survey.workflows.find(({ path, appliesTerraform }) => appliesTerraform && path !== WORKFLOW);
  if (other !== undefined) {
    const keep = `already applies Terraform; see \`${COMMANDS[manager].exec} crc workflow\``;
    return { path: inProject(other.path), content: '', keep };
  }
  // A kept file stays unchanged, so the workflow's tests are not found by the content here.
  const pending = own.filter(isWritten);
  // A new config has GitHub's spelling of the name, and only that repository.
  const isOneOfSeveral = repository !== undefined && repositoriesTrusted(config.roles).includes(repository);
  const content = await workflowOf(config, join(folder, CONFIG), {
    pending,
    branch,
    directory: proposal.directory,
    checked: proposal.checked,
    key: keyOfWorkflow(
      proposal,
      isOneOfSeveral ? { roles: rolesOfRepository(config.roles, repository) } : config,
      slashes(relative(root, folder)),
    ),
    repository: isOneOfSeveral ? repository : undefined,
  });
  return { path: inProject(WORKFLOW), content };
}

/**
 * The state that the workflow plans and applies: of its folder, else the first. `roles` are those of the repository.
 * Undefined if there is only one.
 */
function keyOfWorkflow(
  { states, directory }: Proposal,
  roles: Parameters<typeof stateKeys>[0],
  prefix: string,
): string | undefined {
  const keys = stateKeys(roles);
  if (keys.length < 2) return undefined;
  const placed = states.filter(({ key }) => keys.includes(key));
  const own = placed.find((state) => inRepository(prefix, state.directory) === directory) ?? placed[0];
  return own?.key ?? keys[0];
}
