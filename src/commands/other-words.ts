import { documentationUrl } from '../documentation.ts';

/** By a word from another tool: a sentence with crc's equivalent. */
export type OtherWords = ReadonlyMap<string, string>;

const BOOTSTRAP = '`crc bootstrap` creates what is in the config, or fixes what drifted. `crc plan` shows it first.';
const PLAN = '`crc plan` shows what would be created or changed.';
const VERIFY = '`crc verify` detects drift between the account and the config.';
const LOGIN =
  'crc uses the credentials of the AWS CLI: log in with `aws sso login --profile NAME`, and pass --profile NAME to crc.';
const SANDBOX = '`crc sandbox -- COMMAND` runs a command against a local AWS emulator.';
const ROLLBACK = '`crc deploy-function NAME --rollback` points a function back to its previous version.';
const GIT = 'Use git for that. The workflow that `crc init` writes deploys what you push.';

/** Destructive commands are never suggested; the documentation describes them. */
export const REMOVAL_ANSWER = `Nothing was changed. How to remove what crc created is in the documentation: ${documentationUrl('commands.md')}`;

const ANSWERS: readonly (readonly [answer: string, words: string])[] = [
  [BOOTSTRAP, 'apply create up setup sync provision converge fix repair reconcile'],
  [PLAN, 'diff changes preview dry-run dryrun what-if'],
  [VERIFY, 'status check drift detect refresh test doctor compare scan'],
  ['Every command checks the config first. `crc plan` then shows what would be created or changed.', 'validate lint'],
  [
    '`crc deploy-function` deploys the functions in the config. `crc bootstrap` creates everything else.',
    'deploy publish release ship upload',
  ],
  ['`crc init` writes a config, a function and a workflow for your repository.', 'new start scaffold generate config'],
  ['`crc outputs` shows role ARNs, function URLs and backend blocks.', 'output show info get url urls describe'],
  ['`crc invoke NAME` calls a function and shows its response.', 'run call exec curl'],
  [LOGIN, 'login log-in signin auth authenticate configure sso whoami logout credentials'],
  [
    '`crc plan --adopt` shows what would change if crc managed resources that already exist; `crc bootstrap --adopt` does it.',
    'import adopt',
  ],
  [ROLLBACK, 'rollback roll-back revert undo'],
  [
    '`crc invoke NAME` shows the log of its call. `aws logs tail /aws/lambda/NAME` shows the log of all calls.',
    'logs log tail',
  ],
  ['`crc explain` shows why GitHub can or cannot assume a role.', 'trust oidc why debug assume'],
  ['`crc permissions COMMAND` prints the least IAM policy that a crc command needs.', 'policy policies iam'],
  ['`crc workflow` prints the GitHub Actions workflow.', 'ci cd pipeline actions github'],
  ['`crc export` prints the resources as Terraform code.', 'eject terraform hcl'],
  [SANDBOX, 'local emulator moto localstack mock dev'],
  [
    '`crc state list` shows all states in the bucket, with their workspaces.',
    'states workspace workspaces history versions',
  ],
  ['`terraform fmt` formats Terraform code.', 'fmt format'],
  ['`crc state list` shows who holds the lock of a state.', 'lock locks unlock force-unlock'],
  [GIT, 'push pull commit clone add merge checkout'],
  [
    '`npm install -D crc-bootstrap@latest` updates crc. `crc bootstrap` changes the account to match the config.',
    'update upgrade self-update',
  ],
  ['`crc help` lists all commands.', 'list ls commands usage man'],
  [`The documentation: ${documentationUrl()}`, 'docs documentation readme'],
  [
    REMOVAL_ANSWER,
    'rm remove delete del down teardown tear-down undeploy uninstall clean cleanup nuke purge drop wipe reset erase kill ' +
      'prune empty terminate',
  ],
];

/** Words that users know from Terraform, git and other tools, and that are not commands of crc. */
export const OTHER_WORDS: OtherWords = new Map(
  ANSWERS.flatMap(([answer, words]) => words.split(' ').map((word) => [word, answer] as const)),
);
