import { relative } from 'node:path';
import { roleArn } from '../aws/arns.ts';
import { newestRuntime } from '../config/functions.ts';
import { accountId, bucketName, keyArn, region, tableName } from '../config/names.ts';
import type { Config } from '../config/schema.ts';
import { stateKey } from '../config/state-keys.ts';
import { CREDENTIALS_ACTION } from '../github/workflow/steps.ts';
import { variablesRead } from '../github/workflow/variables.ts';
import type { FunctionFolder } from '../init/survey/functions.ts';
import { withOidc } from '../init/survey/oidc.ts';
import { patchOf } from '../init/survey/patch.ts';
import {
  type Checks,
  initLine,
  isOpen,
  type PlacedState,
  type Suggestions,
  statesElsewhere,
  suggestionsOf,
  terraformLines,
} from '../init/survey/proposal.ts';
import type { Survey } from '../init/survey/survey.ts';
import { unsetNotes } from '../init/survey/unset-variables.ts';
import { type FoundWorkflow, unknownRoles } from '../init/survey/workflows.ts';
import { COMMANDS, type PackageManager } from '../package-manager.ts';
import { repositoriesOf } from '../policies/trust.ts';
import { shellWord } from '../shell.ts';
import { slashes } from '../slashes.ts';
import { stateKeys } from '../terraform/backend.ts';
import { checkBackends } from '../terraform/source/check.ts';
import type { SourceBackend, TerraformFolder } from '../terraform/source/folders.ts';
import { mayWriteState } from '../terraform/source/problems/state-writers.ts';

const CHECKS: Checks = { bucket: bucketName, region, table: tableName, key: stateKey, keyArn };

/** Suggestions from the repository, as far as a config may contain them. */
export function suggestionsIn(survey: Survey): Suggestions {
  const suggestions = suggestionsOf(survey, CHECKS);
  const isAccount = suggestions.accountId !== undefined && accountId(suggestions.accountId) === undefined;
  return { ...suggestions, accountId: isAccount ? suggestions.accountId : undefined };
}

/** What crc proposes for a repository that already has Terraform, states or workflows. */
export interface Proposal {
  /** Names of existing resources for crc to manage. */
  readonly adopt: {
    readonly bucket: string | null;
    readonly lockTable: string | null;
    /** The region of both, if it differs from the project's. */
    readonly region: string | null;
  };
  readonly states: readonly PlacedState[];
  /** Command lines for the steps that Terraform and git perform, in order. */
  readonly moves: readonly string[];
  /** Backend blocks without a bucket and a key, `infra/main.tf:3`: the user adds both. */
  readonly fills: readonly { readonly place: string; readonly commands: readonly string[] }[];
  /** `git rm --cached …`; undefined if no state is in git. */
  readonly untrack: string | undefined;
  /** Workflows with access keys, as patches for `git apply`; undefined if they must be changed manually. */
  readonly logins: readonly {
    readonly path: string;
    readonly jobs: readonly string[];
    readonly after?: string;
    readonly patch?: string;
  }[];
  /** The folder that the workflow runs Terraform in, from the top of the repository. */
  readonly directory: string;
  /**
   * Folders whose backend blocks the workflow checks, from the top of the repository; undefined: all, including later
   * ones.
   */
  readonly checked: readonly string[] | undefined;
  /** Sentences about what crc leaves unchanged, and about problems. */
  readonly notes: readonly string[];
}

export interface ProposalInput {
  readonly survey: Survey;
  readonly config: Config;
  readonly states: readonly PlacedState[];
  /** Absolute folder of the project, and of the repository. */
  readonly folder: string;
  readonly root: string;
  readonly manager: PackageManager;
  /** The project has no config yet. */
  readonly isNew: boolean;
  /** The config comes from the account. */
  readonly adopts?: boolean;
  /** The folder given with a flag. */
  readonly directory: string | undefined;
  /** `--profile prod`: the flags of this run that name an account and a region. */
  readonly accountFlags: readonly string[];
}

/** What a config and the contents of the repository lead to. */
export function proposalOf(input: ProposalInput): Proposal {
  const { survey, config, states, isNew, adopts = false } = input;
  const { stateBucket, lockTable } = config;
  const exists =
    adopts ||
    survey.terraform.some(({ backends }) => backends.some((backend) => backend.arguments.bucket === stateBucket.name));
  const isAdopted = isNew && exists;
  return {
    adopt: {
      bucket: isAdopted ? stateBucket.name : null,
      lockTable: isAdopted ? (lockTable?.name ?? null) : null,
      region: isAdopted && stateBucket.region !== config.region ? stateBucket.region : null,
    },
    states,
    moves: terraformLines(states, survey, shellWord),
    fills: fillsOf(input),
    untrack:
      survey.committedStates.length === 0
        ? undefined
        : `git rm --cached ${survey.committedStates.map(shellWord).join(' ')}`,
    logins: survey.workflows.flatMap((workflow) => loginsOf(workflow, config)),
    directory: directoryOf(input),
    checked: checkedFolders(input),
    notes: notesOf(input),
  };
}

/** The commands that print what a block lacks, and that make Terraform use it. */
function fillsOf({ survey, states, config, manager }: ProposalInput): Proposal['fills'] {
  const isOnly = stateKeys(config).length === 1;
  return states.flatMap(({ key, directory, backend }) => {
    const folder = survey.terraform.find((candidate) => candidate.directory === directory);
    if (backend === undefined || folder === undefined || !isOpen(backend)) return [];
    const print = `${COMMANDS[manager].exec} crc backend${isOnly ? '' : ` ${shellWord(key)}`}`;
    return [{ place: `${backend.file}:${backend.line}`, commands: [print, initLine(folder, shellWord)] }];
  });
}

/** For the only state, or the first of several: a workflow runs Terraform in one folder. */
function directoryOf({ states, folder, root, directory }: ProposalInput): string {
  return directory ?? inRepository(slashes(relative(root, folder)), states[0]?.directory ?? '.');
}

/** The Terraform folder that the new workflow plans; undefined if it has none. */
function plannedFolder(input: ProposalInput): TerraformFolder | undefined {
  const prefix = slashes(relative(input.root, input.folder));
  return input.survey.terraform.find(({ directory }) => inRepository(prefix, directory) === directoryOf(input));
}

/** A folder of the project, from the top of the repository. */
export function inRepository(project: string, directory: string): string {
  return [project, directory].filter((part) => part !== '' && part !== '.').join('/') || '.';
}

/** A state that remains in another bucket would fail the check on every push. */
function checkedFolders({ survey, config, states, folder, root }: ProposalInput): Proposal['checked'] {
  const staying = statesElsewhere(survey, states).filter(({ backend }) => isInOtherBucket(backend, config));
  const checked = survey.terraform.filter(({ directory }) => !staying.some((listed) => listed.directory === directory));
  if (staying.length === 0 || checked.length === 0) return undefined;
  return checked.map(({ directory }) => inRepository(slashes(relative(root, folder)), directory));
}

function isInOtherBucket({ type, arguments: { bucket } }: SourceBackend, { stateBucket }: Config): boolean {
  return type === 's3' && typeof bucket === 'string' && bucket !== stateBucket.name;
}

/** Terraform needs no further arguments to find the state. */
function isWhole({ type, arguments: { bucket, key } }: SourceBackend): boolean {
  return type === 's3' && bucket !== undefined && key !== undefined;
}

function loginsOf(workflow: FoundWorkflow, config: Config): Proposal['logins'] {
  const jobs = workflow.logins.filter((login) => login.with === 'access-keys').map(({ job }) => job);
  if (jobs.length === 0) return [];
  const { path, text } = workflow;
  const after = withOidc({ text, action: CREDENTIALS_ACTION, login: () => loginFor(config) });
  return [{ path, jobs, after, patch: after === undefined ? undefined : patchOf(path, text, after) }];
}

/** The role that applies, from crc or from the account: its other permissions are in its statements. */
function loginFor(config: Config) {
  const role =
    config.roles.find(({ state }) => state.some(({ access }) => access === 'write')) ??
    config.roles.find((candidate) => mayWriteState(candidate, config, '*'));
  if (role === undefined) return undefined;
  const [variable] = variablesRead(config);
  const account = config.accountId ?? `\${{ vars.${variable} }}`;
  const subjects = repositoriesOf(role.trust).flatMap((trust) => trust.subjects);
  const environment = subjects.map((subject) => /^environment:([\w.-]+)$/.exec(subject)?.[1]).find(Boolean);
  return {
    roleArn: roleArn({ accountId: account, region: config.region }, role.name, role.path),
    region: config.region,
    environment,
  };
}

function notesOf(input: ProposalInput): readonly string[] {
  const { survey, config, states, isNew, adopts = false } = input;
  const elsewhere = statesElsewhere(survey, states).filter(
    ({ backend }) => !isWhole(backend) || isInOtherBucket(backend, config),
  );
  const otherBackends = elsewhere.map(({ directory, backend }) => {
    const { type, file, line, arguments: given } = backend;
    const place = `${file}:${line}`;
    if (type === 'cloud') {
      return `${directory} keeps its state in HCP Terraform (${place}), and crc leaves it there. Terraform cannot migrate it by itself: save it with \`terraform state pull > saved.tfstate\`, replace that block with the output of \`crc backend\`, and run \`terraform init -reconfigure\` and \`terraform state push saved.tfstate\`. Then delete saved.tfstate: it has the secrets of the state.`;
    }
    if (type !== 's3') {
      return `${directory} keeps its state in the backend "${type}" (${place}), and crc leaves it there. To move it, replace that block with the output of \`crc backend\`, and run \`terraform init -migrate-state\`.`;
    }
    if (isInOtherBucket(backend, config)) {
      return `${directory} keeps its state in another bucket, ${given.bucket} (${place}), and crc leaves it there.`;
    }
    if (isOpen(backend)) {
      return `The backend block of ${directory} has no bucket and no key (${place}). For a new state, paste the output of \`crc backend\` into it. If it gets them at \`terraform init\`, add its key to the "state" of the roles in crc.config.json.`;
    }
    return `${directory} gets parts of its backend configuration only at \`terraform init\` (${place}): add its key to the "state" of the roles in crc.config.json.`;
  });
  const isWritten = (directory: string) =>
    states.some((state) => state.directory === directory && state.backend === undefined);
  const problems = checkBackends(survey.terraform, config)
    .filter(({ directory }) => !isWritten(directory) && !elsewhere.some((listed) => listed.directory === directory))
    .flatMap(({ directory, problems: list }) =>
      // The page already says that a folder has no backend block.
      list.filter(({ id }) => id !== 'no-backend').map(({ message, fix }) => `${directory}: ${message}. ${fix}`),
    );
  const profiles = survey.terraform.flatMap(({ directory, backends }) =>
    backends.flatMap(({ arguments: { profile } }) =>
      typeof profile === 'string'
        ? [
            `${directory}: its backend uses the AWS profile ${profile}, which jobs of GitHub do not have. Remove it, and set AWS_PROFILE where you work.`,
          ]
        : [],
    ),
  );
  const functions = survey.functions
    .filter(({ directory }) => isNew && !config.functions.some(({ source }) => directory.startsWith(source)))
    .map(
      (unmanaged) =>
        `crc leaves the function in ${unmanaged.directory} unchanged. To deploy it with crc, add it to "functions" in crc.config.json, under the name that it has in AWS or is to have: \`${functionEntry(unmanaged)}\`. "table" creates its table, and "url" a public URL.`,
    );
  const frameworks = survey.frameworks.map(
    ({ path, kind }) =>
      `${path} is deployed by ${kind === 'sam' ? 'CloudFormation' : 'the Serverless Framework'}; crc leaves it unchanged.`,
  );
  return [
    ...otherBackends,
    ...problems,
    ...profiles,
    ...regionNotes(survey, config),
    ...workflowNotes(survey, states),
    ...(adopts ? [] : unsetNotes(plannedFolder(input), survey.workflows)),
    ...(isNew && !adopts ? roleNotes(input) : []),
    ...functions,
    ...frameworks,
  ];
}

/** The config entry for a function, on one line of JSON. */
function functionEntry({ directory, handler, language }: FunctionFolder): string {
  const runtime = newestRuntime(language === 'python' ? 'python' : 'nodejs');
  const values = Object.entries({ name: 'NAME', source: directory, runtime, handler });
  return `{ ${values.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(', ')} }`;
}

/** The config has one region for the functions. */
function regionNotes({ terraform }: Survey, { region: own }: Config): readonly string[] {
  const otherProviders = terraform.flatMap(({ providers }) =>
    providers.flatMap(({ name, alias, region: other }) =>
      name === 'aws' && alias === undefined && other !== undefined && other !== own ? [other] : [],
    ),
  );
  return [...new Set(otherProviders)].map(
    (other) =>
      `The provider "aws" is in ${other}, and "region" in the config is ${own}: the functions of crc go to ${own}.`,
  );
}

/** Workflows continue to use the roles that they name. */
function roleNotes({
  survey,
  config: { roles },
  folder,
  root,
  manager,
  accountFlags,
}: ProposalInput): readonly string[] {
  const command = `\`${COMMANDS[manager].exec} crc init --from-account${accountFlags.map((flag) => ` ${flag}`).join('')}\``;
  return unknownRoles(survey.workflows, { roles, folder, root }).map(
    (name) =>
      `The workflows log in as the role ${name}, which this config does not have. ${command} writes the config of the roles that exist, and replaces this one with --force.`,
  );
}

/** A workflow runs Terraform in one folder. */
function workflowNotes({ workflows }: Survey, states: readonly PlacedState[]): readonly string[] {
  if (workflows.some(({ appliesTerraform }) => appliesTerraform)) return [];
  return states
    .slice(1)
    .map(
      ({ directory, key }) =>
        `The workflow runs Terraform in one folder. For ${directory}, \`crc workflow --key ${shellWord(key)} --directory ${shellWord(directory)}\` prints another one.`,
    );
}
