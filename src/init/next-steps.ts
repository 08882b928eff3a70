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
  /** There is Terraform code in the folder, whose permissions are not in the config yet. */
  readonly hasTerraform: boolean;
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
      : [{ what: "Let the roles know GitHub's IDs of the repository (needs gh, logged in):", commands: [idsCommand] }]),
    { what: 'Try it on this machine, without an AWS account:', commands: [TRY_IT] },
    ...(input.hasTerraform
      ? [
          {
            what: 'Find the IAM permissions that your Terraform needs, on this machine:',
            commands: ['npx crc permissions terraform --write'],
          },
        ]
      : []),
    { what: 'Create it in AWS. The plan is shown first, and you are asked:', commands: ['npx crc bootstrap'] },
    ...(variables.length === 0
      ? []
      : [
          {
            what: 'Set the variables that the workflow reads:',
            commands: variables.map(
              ({ name, value }) => `gh variable set ${name} --repo ${repository} --body "${value}"`,
            ),
          },
        ]),
    ...protections.map(({ environment, branch, commands }) => ({
      what: `Let ${branch} alone use the environment ${environment}. Without this rule, a\nworkflow on any branch can assume the roles that write:`,
      commands,
    })),
    {
      what: input.hasWorkflow ? 'Commit and push. The workflow logs in without access keys:' : 'Commit and push:',
      commands: gitCommands(input),
    },
  ];
}

function gitCommands({ repository, branch, clone }: NextInput): readonly string[] {
  const add = clone === undefined || clone.above === '' ? 'git add .' : `git add . ${clone.above}/.github`;
  return [
    ...(clone === undefined ? [`git init --initial-branch ${branch}`] : []),
    ...(clone?.hasRemote ? [] : [`git remote add origin https://github.com/${repository}.git`]),
    add,
    'git commit --message "Prepare AWS with crc"',
    'git push --set-upstream origin HEAD',
  ];
}
