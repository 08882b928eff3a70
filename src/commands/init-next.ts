import { basename, join, relative } from 'node:path';
import { gitRoot, remoteOf } from '../github/clone.ts';
import { branchOf, protections } from '../github/environments.ts';
import { GITHUB, hostOfIssuer } from '../github/host.ts';
import { variablesRead, type WorkflowVariable } from '../github/workflow/variables.ts';
import { isWritten, type ProjectFile } from '../init/files.ts';
import {
  FIND_PERMISSIONS,
  findPermissions,
  type LaterInput,
  laterSteps,
  nextSteps,
  type Step,
} from '../init/next-steps.ts';
import { WORKFLOW } from '../init/survey/workflows.ts';
import { isPython } from '../package/handler.ts';
import { COMMANDS } from '../package-manager.ts';
import { repositoriesOf } from '../policies/trust.ts';
import { slashes } from '../slashes.ts';
import { codeFiles } from '../terraform/source/config-files.ts';
import { fileNamesIn } from '../terraform/source/walk.ts';
import { foreign } from '../ui/foreign.ts';
import type { Io } from '../ui/io.ts';
import type { Project } from './init-files.ts';
import { idsCommand } from './init-flags.ts';

/** What to do with the written files; empty if none were written. */
export async function stepsAfter(
  project: Project,
  files: readonly ProjectFile[],
  { cwd, env, own }: Io,
): Promise<readonly Step[]> {
  const { config, text, adds, folder, root, manager, survey, proposal, account } = project;
  if (!files.some(isWritten)) return [];
  const isNew = text !== undefined && adds === undefined;
  const [trust] = config.roles.flatMap((role) => repositoriesOf(role.trust));
  const repository = trust?.repository ?? '';
  const isOfGitHub = hostOfIssuer(config.oidcProvider.url) === GITHUB;
  // Existing roles have their permissions and their workflows.
  const hasRoles = account !== undefined && account.roles.length > 0;
  const hasWorkflow = !hasRoles && files.some(({ path, action }) => path.endsWith(WORKFLOW) && action !== 'keep');
  const remote = await remoteOf(cwd, env);
  const isClone = gitRoot(cwd) !== undefined;
  // The written config names the region.
  const accountFlags = own.flags.filter((flag) => /^--(profile|endpoint-url) /.test(flag));
  const common = {
    repository,
    manager,
    accountFlags,
    branch: branchOf(config, repository).name,
    clone: isClone ? { hasRemote: remote !== undefined, above: slashes(relative(folder, root)) } : undefined,
  };
  const variables = variablesRead(config).map((name) => ({ name, value: variableValue(name, accountFlags) }));
  if (!isNew) {
    const { replacedKeys, unusedSecrets } = replacedBy(files, project);
    return laterSteps({ ...common, variables, changesAccount: adds !== undefined, replacedKeys, unusedSecrets });
  }
  const replacesKeys = proposal.logins.some(({ after }) => after !== undefined);
  return nextSteps({
    ...common,
    packages: files.filter(({ path }) => basename(path) === 'package.json').map(({ path }) => folderOf(path)),
    idsCommand:
      !hasRoles && isOfGitHub && trust?.repositoryId === undefined
        ? `${COMMANDS[manager].exec} crc init --yes --github-ids "$(${idsCommand(repository)})"`
        : undefined,
    variables: hasWorkflow || replacesKeys ? variables : [],
    protections: protections(config).map(({ name, branch, lines: [create, allow] }) => ({
      environment: name,
      branch: branch.name,
      commands: [create, allow],
    })),
    adopts: proposal.adopt.bucket !== null,
    moves: proposal.moves,
    fills: proposal.fills,
    untrack: proposal.untrack,
    replacesKeys,
    terraformFolders: hasRoles ? [] : await terraformFolders({ folder, survey, proposal }, files),
    hasTools: config.functions.some((functionConfig) => !isPython(functionConfig.runtime)),
    hasWorkflow,
  });
}

/** Whether workflows lost their access keys, and the secrets that no workflow of the repository reads any more. */
function replacedBy(
  files: readonly ProjectFile[],
  { folder, root, survey, proposal }: Project,
): Pick<LaterInput, 'replacedKeys' | 'unusedSecrets'> {
  const written = new Set(files.filter(isWritten).map(({ path }) => path));
  const isReplaced = (path: string) => written.has(slashes(relative(folder, join(root, path))));
  const after = new Map(
    proposal.logins.flatMap((login) => (isReplaced(login.path) ? [[login.path, login.after]] : [])),
  );
  const texts = survey.workflows.map(({ path, text }) => after.get(path) ?? text);
  const read = new Set(texts.flatMap(secretsIn));
  const before = survey.workflows.flatMap(({ path, text }) => (after.has(path) ? secretsIn(text) : []));
  return {
    replacedKeys: after.size > 0,
    unusedSecrets: texts.some(mayReadAnySecret) ? [] : [...new Set(before)].filter((name) => !read.has(name)),
  };
}

/** GitHub ignores the case of their names, and shows them in uppercase. */
function secretsIn(text: string): readonly string[] {
  return [...text.matchAll(/\bsecrets\s*\.\s*(\w+)/gi)].map(([, name = '']) => name.toUpperCase());
}

/**
 * True for `secrets[matrix.key]`, `toJSON(secrets)`, `secrets.*`, and `secrets: inherit`, which passes all of them on.
 */
function mayReadAnySecret(text: string): boolean {
  return /\bsecrets\s*(?:[[),]|\.\s*\*)|\bsecrets:\s*["']?inherit\b/i.test(text);
}

/** Folders with the user's Terraform code whose state is in the config: a backend alone has nothing to run. */
async function terraformFolders(
  { folder, survey, proposal }: Pick<Project, 'folder' | 'survey' | 'proposal'>,
  files: readonly ProjectFile[],
): Promise<readonly string[]> {
  if (survey.terraform.length > 0) {
    const stated = new Set(proposal.states.map(({ directory }) => directory));
    return survey.terraform.map(({ directory }) => directory).filter((directory) => stated.has(directory));
  }
  const own = files.filter(isWritten).map(({ path }) => path);
  const hasCode = codeFiles(await fileNamesIn(folder)).some((name) => !own.includes(name));
  return hasCode ? ['.'] : [];
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.';
}

/** How a shell determines the value of a workflow variable. */
function variableValue(name: WorkflowVariable, accountFlags: readonly string[]): string {
  const values = {
    AWS_ACCOUNT_ID: `$(${['aws', ...accountFlags, 'sts get-caller-identity --query Account --output text'].join(' ')})`,
  };
  return values[name];
}

/** Notes on what no step covers. */
export function notesOf(
  { config, manager, survey, proposal }: Project,
  files: readonly ProjectFile[],
  steps: readonly Step[],
): readonly string[] {
  const { exec } = COMMANDS[manager];
  const kept = files.find(({ path, action }) => path.endsWith(WORKFLOW) && action === 'keep');
  const isStep = steps.some(({ commands }) => commands.some((command) => command.includes(FIND_PERMISSIONS)));
  const isBare = config.roles.some(
    ({ state, statements, managedPolicyArns }) =>
      state.length > 0 && statements.length + managedPolicyArns.length === 0,
  );
  const [directory = proposal.states[0]?.directory ?? '.', ...more] = survey.terraform.map(
    (folder) => folder.directory,
  );
  return [
    ...(kept === undefined
      ? []
      : [
          `${foreign(kept.path)} was kept, and may not do what crc.config.json asks for: compare it with \`${exec} crc workflow\`.`,
        ]),
    ...(isBare && !isStep
      ? [
          `The roles that run Terraform may only use its state so far. \`${exec} crc ${findPermissions(more.length === 0 ? directory : 'FOLDER')}\` finds what your Terraform needs, on this machine, and adds it to their "statements" in crc.config.json.`,
        ]
      : []),
  ];
}
