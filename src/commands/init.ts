import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Cancelled, CrcError } from '../errors.ts';
import { defaultBranchOf, gitRoot, remoteOf } from '../github/clone.ts';
import { isWritten } from '../init/files.ts';
import { statesInConfig } from '../init/survey/proposal.ts';
import { isEmpty, type Survey, surveyOf } from '../init/survey/survey.ts';
import { WORKFLOW } from '../init/survey/workflows.ts';
import { writeFiles } from '../init/write-files.ts';
import { packageManagerOf } from '../package-manager.ts';
import { slashes } from '../slashes.ts';
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
import { existingConfig, type InitConfig } from './init-existing.ts';
import { CONFIG, filesOf, type Project } from './init-files.ts';
import { checkFlags } from './init-flags.ts';
import { type NewInput, type NewProject, newProject } from './init-new.ts';
import { proposalOf } from './init-survey.ts';
import type { Interruption } from './interruption.ts';

const INTRODUCTION =
  'crc init writes a config, a Terraform backend, a GitHub Actions workflow and, if you like, a Lambda function. It shows the files and asks before it writes them, and changes nothing in AWS or GitHub.';

/**
 * Writes the files that a project needs for AWS. Existing files are kept or extended, and only replaced with --force. 0
 * if the files are written. @throws Cancelled if the answer is no.
 */
export async function init(options: InitOptions, io: Io): Promise<number> {
  checkFlags(options);
  if (!options.fromAccount) return await initProject(options, io, newProject);
  const [{ withInterruption }, { accountProject }] = await Promise.all([
    import('./interruption.ts'),
    import('./init-account.ts'),
  ]);
  return await withInterruption(io, (interruption) =>
    initProject(options, io, (input) => accountProject({ ...input, interruption }), interruption),
  );
}

async function initProject(
  options: InitOptions,
  io: Io,
  create: (input: NewInput) => Promise<NewProject>,
  interruption?: Interruption,
): Promise<number> {
  checkConfigFlag(options);
  const force = options.force ?? false;
  const isDryRun = options.dryRun ?? false;
  const asks = canAsk(io, options) && !options.yes && !isDryRun;
  const progress = await createProgress(io);
  const keepsConfig = !force && existsSync(join(io.cwd, CONFIG));
  if (asks) progress.line(INTRODUCTION);
  const root = gitRoot(io.cwd);
  if (root !== undefined && root !== io.cwd) {
    progress.line(
      `note: the workflow goes to ${join(root, WORKFLOW)}, where GitHub looks for it; everything else goes to ${io.cwd}`,
    );
  }
  const survey = await surveyOf({
    folder: io.cwd,
    root: root ?? io.cwd,
    repository: options.repository ?? (await remoteOf(io.cwd, io.env))?.repository,
    branch: async () => options.branch ?? (await defaultBranchOf(io.cwd, io.env)).name,
    env: io.env,
  });
  if (survey.notSearched !== undefined) {
    progress.line(
      `note: ${survey.notSearched} Only ${io.cwd} was searched for Terraform code, not the folders below it.`,
    );
  }
  const config = keepsConfig
    ? await existingConfig(io.cwd, CONFIG, options)
    : await create({ options, io, survey, asks, show: progress.line });
  if (keepsConfig) progress.line(`${CONFIG} already exists and is kept; missing files are added`);
  const project = projectWith(config, survey, { folder: io.cwd, root: root ?? io.cwd }, options, io);
  const files = await filesOf(project, options);
  const page = keepsConfig && !isDryRun ? '' : await foundText(project);
  const planned = page === '' ? plannedFiles(files) : plannedFilesInBrief(files);
  if (isDryRun && !options.json) {
    const result = files.some(isWritten) ? '' : `${resultLine(files)}\n`;
    await printOut(io, [page, planned, result].filter((part) => part !== '').join('\n'));
    await printRemarks(project, io);
    return 0;
  }
  if (page !== '' && !options.json) await printErr(io, `\n${page}`);
  const patches = options.oidc && !options.json ? patchesText(project.proposal) : '';
  if (patches !== '') io.err(`\n${patches}`);
  if (asks && files.some(isWritten)) {
    await printErr(io, `\n${planned}\n`);
    const count = files.filter(isWritten).length;
    const question = count === 1 ? 'Write this file?' : `Write these ${count} files?`;
    const ask = () => confirm(question, interruption?.signal, { enter: 'yes' });
    if (!(await (interruption === undefined ? ask() : interruption.asking(ask)))) throw new Cancelled();
  }
  if (!isDryRun) await writeFiles(files);
  if (options.json) {
    // In the text, a line on stderr says that the config is kept.
    const kept = project.text === undefined ? [{ path: CONFIG, action: 'keep' as const }] : [];
    io.out(`${initDocument([...kept, ...files], isDryRun, await foundDocuments(project))}\n`);
    return 0;
  }
  if (!asks) await printOut(io, writtenFiles(files));
  if (!keepsConfig) await printRemarks(project, io, { patches: patches === '' });
  const { notesOf, stepsAfter } = await import('./init-next.ts');
  const steps = await stepsAfter(project, files, io);
  // Command lines are for pasting, so they are never wrapped.
  io.out(`\n${resultLine(files)}\n${steps.length === 0 ? '' : `\n${stepsText(steps)}`}`);
  if (steps.length > 0)
    await printOut(
      io,
      notesOf(project, files, steps)
        .map((note) => `\n${note}\n`)
        .join(''),
    );
  return 0;
}

/** What the repository has, and the account if it was read. Empty for a new project. */
async function foundText({ survey, proposal, account }: Project): Promise<string> {
  const repository = isEmpty(survey) ? '' : surveyText(survey, proposal);
  if (account === undefined) return repository;
  const { accountText } = await import('../ui/account.ts');
  return [repository, accountText(account)].filter((part) => part !== '').join('\n');
}

/** The members of the --json document with what `foundText` shows. */
async function foundDocuments({ survey, proposal, account }: Project): Promise<Parameters<typeof initDocument>[2]> {
  const repository = isEmpty(survey) ? {} : { survey: surveyDocument(survey), proposal: proposalDocument(proposal) };
  if (account === undefined) return repository;
  const { accountDocument } = await import('../ui/account.ts');
  return { ...repository, account: accountDocument(account) };
}

/**
 * In every other command the flag names the config to read; here it would be a file that no command finds by default.
 */
function checkConfigFlag({ config }: InitOptions): void {
  if (config === undefined || config === CONFIG || config === `./${CONFIG}`) return;
  throw new CrcError(`--config: crc init writes ${CONFIG} in the current folder, where every command finds it.`, {
    hint: 'Change to the folder of the project, and leave --config out.',
  });
}

/** A config with what the repository needs for it. */
function projectWith(
  given: InitConfig & Partial<NewProject>,
  survey: Survey,
  { folder, root }: { readonly folder: string; readonly root: string },
  { directory }: InitOptions,
  { own }: Io,
): Project {
  const { config } = given;
  const keys = stateKeys(config);
  const [key] = keys;
  const knownStates = given.states ?? statesInConfig(survey, { bucket: config.stateBucket.name, keys });
  // Without Terraform code, the state belongs to the code that will be written: next to the config, or where the flag says.
  const isBare = survey.terraform.length === 0 && key !== undefined && keys.length === 1;
  const beside = directory === undefined ? '.' : slashes(relative(folder, join(root, directory))) || '.';
  const states = isBare ? [{ key, directory: beside, backend: undefined }] : knownStates;
  const isNew = given.states !== undefined;
  const adopts = given.account !== undefined;
  const manager = packageManagerOf(folder);
  const accountFlags = own.flags.filter((flag) => !flag.startsWith('--config '));
  const place = { folder, root, manager, directory, accountFlags };
  const proposal = proposalOf({ ...place, survey, config, states, isNew, adopts });
  return { ...given, folder, root, manager, survey, proposal };
}

/** Prints what is left for the user to do: sentences, and workflow changes as patches, which are never wrapped. */
async function printRemarks({ proposal }: Project, io: Io, { patches: isShown } = { patches: true }): Promise<void> {
  const notes = proposal.notes.map((note) => `note: ${foreign(note)}\n`).join('');
  if (notes !== '') await printOut(io, `\n${notes}`);
  const patches = isShown ? patchesText(proposal) : '';
  if (patches !== '') io.out(`\n${patches}`);
}
