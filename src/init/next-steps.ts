import { shellWord } from '../shell.ts';

/** Something to do, and the command lines that do it, as they can be pasted. */
export interface Step {
  readonly what: string;
  readonly commands: readonly string[];
}

/** An environment of GitHub that only one branch may use. */
interface Protection {
  readonly environment: string;
  readonly branch: string;
  readonly commands: readonly string[];
}

export interface NextInput {
  /** `owner/name` */
  readonly repository: string;
  /** The branch that the workflow applies. */
  readonly branch: string;
  /** Folders with a package.json, relative to the project: the first is the project itself. */
  readonly packages: readonly string[];
  /** The command that gives the roles GitHub's ids; undefined where they have them, or need none. */
  readonly idsCommand: string | undefined;
  /** Variables of the repository that the workflow reads. */
  readonly variables: readonly { readonly name: string; readonly value: string }[];
  readonly protections: readonly Protection[];
  /** The clone: undefined outside one. `above` is the way to its top folder, empty in it. */
  readonly clone: { readonly hasRemote: boolean; readonly above: string } | undefined;
  /** The bucket exists: crc is to manage it. */
  readonly adopts: boolean;
  /** Lines with which Terraform moves or begins its states in the bucket. */
  readonly moves: readonly string[];
  /** Backend blocks without a bucket and a key, `infra/main.tf:3`, and the commands that print and use both. */
  readonly fills: readonly { readonly place: string; readonly commands: readonly string[] }[];
  /** Takes committed states out of git. */
  readonly untrack: string | undefined;
  /** A workflow has access keys, and there is a change that does without. */
  readonly replacesKeys: boolean;
  /** Folders with Terraform code whose permissions are not in the config yet, from the project. */
  readonly terraformFolders: readonly string[];
  /** npm installs tools of a function too. */
  readonly hasTools: boolean;
  /** The workflow is the one that crc generates, and not another that was kept. */
  readonly hasWorkflow: boolean;
}

/** Both in one sandbox, which ends with its command. */
const TRY_IT =
  process.platform === 'win32'
    ? 'npx crc sandbox -- cmd /c "crc bootstrap && crc verify"'
    : "npx crc sandbox -- sh -c 'crc bootstrap && crc verify'";

export const FIND_PERMISSIONS = 'npx crc permissions terraform';

/** The command line that finds the permissions of the Terraform code of a folder. */
export function findPermissions(folder: string): string {
  return `${FIND_PERMISSIONS} ${folder === '.' ? '' : `${shellWord(folder)} `}--write`;
}

/** What to do with a new project, in the order in which it can be done. */
export function nextSteps(input: NextInput): readonly Step[] {
  const { repository, packages, idsCommand, variables, protections, hasTools } = input;
  return [
    {
      what: hasTools ? 'Install crc and the tools of the function:' : 'Install crc:',
      commands: packages.map((folder) => (folder === '.' ? 'npm install' : `npm install --prefix ${folder}`)),
    },
    ...(idsCommand === undefined
      ? []
      : [{ what: "Add GitHub's IDs of the repository to the roles (needs gh, logged in):", commands: [idsCommand] }]),
    { what: 'Try it on this machine, without an AWS account:', commands: [TRY_IT] },
    ...(input.terraformFolders.length > 0
      ? [
          {
            what: 'Find the IAM permissions that your Terraform needs, on this machine:',
            commands: input.terraformFolders.map(findPermissions),
          },
        ]
      : []),
    input.adopts
      ? {
          what: 'Let crc manage the existing bucket, and create the rest. crc shows the plan\nand asks before it changes anything:',
          commands: ['npx crc bootstrap --adopt'],
        }
      : {
          what: 'Create it in AWS. crc shows the plan and asks before it changes anything:',
          commands: ['npx crc bootstrap'],
        },
    ...(input.moves.length === 0
      ? []
      : [{ what: 'Let Terraform move its state into the bucket:', commands: input.moves }]),
    ...input.fills.map(({ place, commands }) => ({
      what: `Paste the lines that crc prints into the backend block at ${place}:`,
      commands,
    })),
    ...variableSteps(repository, variables),
    ...protections.map(({ environment, branch, commands }) => ({
      what: `Allow only ${branch} to use the environment ${environment}. Without this rule, a\nworkflow on any branch can assume the roles that write:`,
      commands,
    })),
    ...(input.untrack === undefined
      ? []
      : [
          {
            what: 'Remove the state from git. It stays in the history, so replace every password\nand key in it: consider them leaked:',
            commands: [input.untrack],
          },
        ]),
    ...(input.replacesKeys
      ? [
          {
            what: 'Let the jobs log in without access keys, once the role has what they need in\n"statements". It shows the change, asks, and says when the keys can be deleted:',
            commands: ['npx crc init --oidc'],
          },
        ]
      : []),
    {
      what: input.hasWorkflow ? 'Commit and push. The workflow logs in without access keys:' : 'Commit and push:',
      commands: gitCommands(input),
    },
  ];
}

/** What to know about files that were added to a project with a config. */
export interface LaterInput extends Pick<NextInput, 'repository' | 'branch' | 'clone' | 'variables'> {
  /** The resources in the config have changed. */
  readonly changesAccount: boolean;
  /** Jobs that had access keys now log in through OIDC. */
  readonly replacedKeys: boolean;
  /** Secrets of the repository that none of its workflows reads any more. */
  readonly unusedSecrets: readonly string[];
}

/** What to do after files were added to a project, in order: access keys are deleted only after a login without them. */
export function laterSteps(input: LaterInput): readonly Step[] {
  const { repository, unusedSecrets } = input;
  const push = { what: 'Commit and push:', commands: gitCommands(input) };
  const account = input.changesAccount
    ? [{ what: 'See what this changes in AWS, and apply it:', commands: ['npx crc bootstrap'] }]
    : [];
  if (!input.replacedKeys) return [...account, ...(input.changesAccount ? [] : [push])];
  return [
    ...account,
    ...variableSteps(repository, input.variables),
    { what: 'Check that these jobs can assume their roles:', commands: ['npx crc explain'] },
    push,
    {
      what: 'After a run has logged in without them, delete the access keys in IAM and the\nsecrets that held them:',
      commands: unusedSecrets.map((name) => `gh secret delete ${name} --repo ${repository}`),
    },
  ];
}

function variableSteps(repository: string, variables: NextInput['variables']): readonly Step[] {
  if (variables.length === 0) return [];
  return [
    {
      what: 'Set the variables that the workflow reads:',
      commands: variables.map(({ name, value }) => `gh variable set ${name} --repo ${repository} --body "${value}"`),
    },
  ];
}

function gitCommands({
  repository,
  branch,
  clone,
}: Pick<NextInput, 'repository' | 'branch' | 'clone'>): readonly string[] {
  const add = clone === undefined || clone.above === '' ? 'git add .' : `git add . ${clone.above}/.github`;
  return [
    ...(clone === undefined ? [`git init --initial-branch ${branch}`] : []),
    ...(clone?.hasRemote ? [] : [`git remote add origin https://github.com/${repository}.git`]),
    add,
    'git commit --message "Prepare AWS with crc"',
    'git push --set-upstream origin HEAD',
  ];
}
