import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { parseConfig } from '../config/parse.ts';
import { stateKey, workspaceKeyPrefix } from '../config/state-keys.ts';
import { Cancelled, CrcError } from '../errors.ts';
import { defaultBranchOf, filesNamed, gitRoot, remoteOf } from '../github/clone.ts';
import { branchOf, protections } from '../github/environments.ts';
import { GITHUB, hostOfIssuer } from '../github/host.ts';
import { publicRepository } from '../github/public.ts';
import { gitHubRepository } from '../github/repository.ts';
import { variablesRead } from '../github/workflow/variables.ts';
import { newConfig, projectId } from '../init/config.ts';
import { isPython } from '../init/counter.ts';
import { isWritten, type ProjectFile } from '../init/files.ts';
import { projectName } from '../init/names.ts';
import { nextSteps, type Step } from '../init/next-steps.ts';
import { type PlacedState, statesInConfig, statesOf } from '../init/survey/proposal.ts';
import { isEmpty, type Survey, surveyOf } from '../init/survey/survey.ts';
import { writeFiles } from '../init/write-files.ts';
import { repositoriesOf } from '../policies/trust.ts';
import { stateKeys } from '../terraform/backend.ts';
import { confirm } from '../ui/confirm.ts';
import { foreign } from '../ui/foreign.ts';
import { plannedFiles, plannedFilesInBrief, resultLine, stepsText, writtenFiles } from '../ui/init.ts';
import type { Io } from '../ui/io.ts';
import { initDocument } from '../ui/json.ts';
import { printErr, printOut } from '../ui/print.ts';
import { createProgress } from '../ui/progress.ts';
import { patchesText, proposalDocument, surveyDocument, surveyText } from '../ui/survey.ts';
import { canAsk } from './can-ask.ts';
import type { InitOptions } from './definitions/init.ts';
import { answersOf, type Surroundings } from './init-answers.ts';
import { existingConfig, type InitConfig } from './init-existing.ts';
import { CONFIG, filesOf, type Project, WORKFLOW } from './init-files.ts';
import { checkFlags, idsCommand } from './init-flags.ts';
import { proposalOf, slashes, suggestionsIn } from './init-survey.ts';

const INTRODUCTION =
  'crc init writes a config, a Terraform backend, a GitHub Actions workflow and, if you like, a Lambda function. It shows the files and asks before it writes them, and changes nothing in AWS or GitHub.';

/**
 * Writes what a project needs for AWS. Existing files are kept or extended, and replaced with --force alone. 0 when the
 * files are written; throws Cancelled for a no.
 */
export async function init(options: InitOptions, io: Io): Promise<number> {
  checkFlags(options);
  checkConfigFlag(options);
  const force = options.force ?? false;
  const isDryRun = options.dryRun ?? false;
  const asks = canAsk(io, options) && !options.yes && !isDryRun;
  const progress = await createProgress(io);
  const isThere = !force && (await exists(join(io.cwd, CONFIG)));
  if (asks) progress.line(INTRODUCTION);
  const root = await gitRoot(io.cwd);
  if (root !== undefined && root !== io.cwd) {
    progress.line(
      `note: the workflow goes to ${join(root, WORKFLOW)}, where GitHub looks for it; all else to ${io.cwd}`,
    );
  }
  if (isThere) progress.line(`${CONFIG} already exists and is kept; missing files are added`);
  const survey = await surveyOf({
    folder: io.cwd,
    root: root ?? io.cwd,
    repository: options.repository ?? (await remoteOf(io.cwd, io.env))?.repository,
    branch: async () => options.branch ?? (await defaultBranchOf(io.cwd, io.env)),
    env: io.env,
  });
  if (survey.notSearched !== undefined) {
    progress.line(`note: ${survey.notSearched} Terraform code is looked for in ${io.cwd} alone, and not below it.`);
  }
  const config = isThere
    ? await existingConfig(io.cwd, CONFIG, options)
    : await newProject(options, io, survey, asks, progress.line);
  const project = projectWith(config, survey, { folder: io.cwd, root: root ?? io.cwd }, options);
  const files = await filesOf(project, options);
  const page = isEmpty(survey) || (isThere && !isDryRun) ? '' : surveyText(survey, project.proposal);
  const planned = page === '' ? plannedFiles(files) : plannedFilesInBrief(files);
  if (isDryRun && !options.json) {
    await printOut(io, [page, planned, ...remarks(project)].filter((part) => part !== '').join('\n'));
    return 0;
  }
  if (page !== '' && !options.json) await printErr(io, `\n${page}`);
  if (asks && files.some(isWritten)) {
    await printErr(io, `\n${planned}\n`);
    const count = files.filter(isWritten).length;
    const question = count === 1 ? 'Write this file?' : `Write these ${count} files?`;
    if (!(await confirm(question, undefined, { enter: 'yes' }))) throw new Cancelled();
  }
  if (!isDryRun) await writeFiles(files);
  if (options.json) {
    const fromTerraform = {
      survey: surveyDocument(survey),
      proposal: proposalDocument(project.proposal),
    };
    io.out(`${initDocument(files, isDryRun, isEmpty(survey) ? undefined : fromTerraform)}\n`);
    return 0;
  }
  if (!asks) await printOut(io, writtenFiles(files));
  if (!isThere)
    await printOut(
      io,
      remarks(project)
        .map((remark) => `\n${remark}`)
        .join(''),
    );
  const steps = await stepsAfter(project, files, io);
  // Command lines are pasted, and so never wrapped.
  io.out(`\n${resultLine(files)}\n${steps.length === 0 ? '' : `\n${stepsText(steps)}`}`);
  if (steps.length > 0)
    await printOut(
      io,
      notesOf(project, files)
        .map((note) => `\n${note}\n`)
        .join(''),
    );
  return 0;
}

/** The flag names the config to read in every other command; here it would be another name that nothing finds by itself. */
function checkConfigFlag({ config }: InitOptions): void {
  if (config === undefined || config === CONFIG || config === `./${CONFIG}`) return;
  throw new CrcError(`--config: crc init writes ${CONFIG} in the current folder, where every command finds it.`, {
    hint: 'Change to the folder of the project, and leave --config out.',
  });
}

async function newProject(
  options: InitOptions,
  io: Io,
  survey: Survey,
  asks: boolean,
  tell: (line: string) => void,
): Promise<InitConfig & { readonly states: readonly PlacedState[] }> {
  const surroundings = await surroundingsOf(options, io, survey);
  const answers = await answersOf({ options, surroundings, asks, tell });
  const { bucket } = answers;
  const project = projectName(projectId(answers));
  const isChosen = options.bucket !== undefined || bucket !== surroundings.suggestions.bucket;
  const states = statesOf(survey, { bucket, project, check: stateKey, moves: options.force && isChosen });
  const known = states.map(({ key, backend, replaced }) => ({
    key,
    workspaceKeyPrefix: prefixOf(backend ?? replaced),
  }));
  const text = `${JSON.stringify(newConfig({ ...answers, states: known.length === 0 ? undefined : known }), null, 2)}\n`;
  return { text, config: parseConfig(text, CONFIG), states };
}

/** Where a backend keeps the states of workspaces, if not where Terraform does by itself. */
function prefixOf(backend: PlacedState['backend']): string | undefined {
  const prefix = backend?.arguments.workspace_key_prefix;
  return typeof prefix === 'string' && workspaceKeyPrefix(prefix) === undefined ? prefix : undefined;
}

/** A config with what the repository has for it. */
function projectWith(
  given: InitConfig & { readonly states?: readonly PlacedState[] },
  survey: Survey,
  { folder, root }: { readonly folder: string; readonly root: string },
  { directory }: InitOptions,
): Project {
  const { config } = given;
  const keys = stateKeys(config);
  const [key] = keys;
  const knownStates = given.states ?? statesInConfig(survey, { bucket: config.stateBucket.name, keys });
  // Without any Terraform code the state is of what is written beside the config.
  const isBare = survey.terraform.length === 0 && key !== undefined && keys.length === 1;
  const states = isBare ? [{ key, directory: '.', backend: undefined }] : knownStates;
  const proposal = proposalOf({ survey, config, states, folder, root, isNew: given.states !== undefined, directory });
  return { ...given, folder, root, survey, proposal };
}

/** What is left to a person: sentences, and changes of workflows as patches. */
function remarks({ proposal }: Project): readonly string[] {
  const notes = proposal.notes.map((note) => `note: ${foreign(note)}\n`).join('');
  return [notes, patchesText(proposal)].filter((part) => part !== '');
}

async function surroundingsOf(options: InitOptions, { cwd, env }: Io, survey: Survey): Promise<Surroundings> {
  const [{ discoverPlace }, { getJson }] = await Promise.all([
    import('../aws/discover.ts'),
    import('../aws/get-json.ts'),
  ]);
  const place = discoverPlace({ ...options, env });
  // It is waited for later, when nobody may be left to hear of its failure.
  place.catch(() => undefined);
  const [remote, branch, folder] = await Promise.all([
    remoteOf(cwd, env),
    defaultBranchOf(cwd, env),
    folderBeside(cwd, env),
  ]);
  return {
    remote,
    branch,
    folder,
    place,
    suggestions: suggestionsIn(survey),
    async lookup(repository) {
      const [byGh, byApi] = await Promise.all([
        gitHubRepository({ host: GITHUB, repository }, cwd, env),
        publicRepository(repository, env, getJson),
      ]);
      return byGh ?? byApi;
    },
  };
}

/**
 * The project's folder in the clone, where another folder has a config already: two projects with the same names would overwrite
 * each other's state. Empty elsewhere.
 */
async function folderBeside(cwd: string, env: Io['env']): Promise<string> {
  const root = await gitRoot(cwd);
  if (root === undefined) return '';
  const folder = relative(root, cwd).split(sep).join('/');
  const own = folder === '' ? CONFIG : `${folder}/${CONFIG}`;
  const otherConfigs = (await filesNamed(CONFIG, root, env)).filter((path) => path !== own);
  return otherConfigs.length === 0 ? '' : folder;
}

/** What to do with what was written; nothing where nothing was. */
async function stepsAfter(
  { config, text, adds, folder, root, survey, proposal }: Project,
  files: readonly ProjectFile[],
  { cwd, env }: Io,
): Promise<readonly Step[]> {
  if (!files.some(isWritten)) return [];
  const isNew = text !== undefined && adds === undefined;
  if (!isNew) return [{ what: 'See what this changes in AWS, and apply it:', commands: ['npx crc bootstrap'] }];
  const [trust] = config.roles.flatMap((role) => repositoriesOf(role.trust));
  const repository = trust?.repository ?? '';
  const isOfGitHub = hostOfIssuer(config.oidcProvider.url) === GITHUB;
  const hasWorkflow = !files.some(({ path, action }) => path.endsWith(WORKFLOW) && action === 'keep');
  const remote = await remoteOf(cwd, env);
  const isClone = (await gitRoot(cwd)) !== undefined;
  return nextSteps({
    repository,
    branch: branchOf(config, repository),
    packages: files.filter(({ path }) => basename(path) === 'package.json').map(({ path }) => folderOf(path)),
    idsCommand:
      isOfGitHub && trust?.repositoryId === undefined
        ? `npx crc init --yes --github-ids "$(${idsCommand(repository)})"`
        : undefined,
    variables: hasWorkflow ? variablesRead(config).map((name) => ({ name, value: VALUES[name] })) : [],
    protections: protections(config).map(({ name, branch, lines: [create, allow] }) => ({
      environment: name,
      branch,
      commands: [create, allow],
    })),
    clone: isClone ? { hasRemote: remote !== undefined, above: slashes(relative(folder, root)) } : undefined,
    adopts: proposal.adopt.bucket !== null,
    moves: proposal.moves,
    untrack: proposal.untrack,
    replacesKeys: proposal.logins.some(({ after }) => after !== undefined),
    hasTerraform: survey.terraform.length > 0 || (await hasTerraform(folder, files)),
    hasTools: config.functions.some((functionConfig) => !isPython(functionConfig)),
    hasWorkflow,
  });
}

/** Terraform code of the user's own: with the backend alone there is nothing to run. */
async function hasTerraform(folder: string, files: readonly ProjectFile[]): Promise<boolean> {
  const own = files.filter(isWritten).map(({ path }) => path);
  return (await readdir(folder)).some((name) => /\.(tf|tofu)(\.json)?$/.test(name) && !own.includes(name));
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.';
}

/** How a shell finds what a variable of the workflow is to be. */
const VALUES = { AWS_ACCOUNT_ID: '$(aws sts get-caller-identity --query Account --output text)' } as const;

function notesOf({ config }: Project, files: readonly ProjectFile[]): readonly string[] {
  const kept = files.find(({ path, action }) => path.endsWith(WORKFLOW) && action === 'keep');
  const isBare = config.roles.some(
    ({ state, statements, managedPolicyArns }) =>
      state.length > 0 && statements.length + managedPolicyArns.length === 0,
  );
  return [
    ...(kept === undefined
      ? []
      : [
          `${foreign(kept.path)} was kept, and may not do what crc.config.json asks for: compare it with \`npx crc workflow\`.`,
        ]),
    ...(isBare
      ? [
          'The roles that run Terraform may only use its state so far. `npx crc permissions terraform --write` finds what your Terraform needs, on this machine, and adds it to their "statements" in crc.config.json.',
        ]
      : []),
  ];
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
