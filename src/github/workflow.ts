import { roleArn } from '../aws/names.ts';
import type { Config, RoleConfig } from '../config/schema.ts';
import { CrcError } from '../errors.ts';
import { type Access, accessFor, environmentsOf, onBranch, PULL_REQUEST } from './jobs.ts';

/** How the tests of a function are run. */
export interface FunctionTests {
  readonly kind: 'node' | 'python';
  /** Folder with the package.json, or of the Python function, relative to the repository. */
  readonly directory: string;
}

export interface WorkflowInput {
  readonly config: Config;
  /** `owner/name`: roles of other repositories are none of its business. */
  readonly repository: string;
  /** Undefined: the config has no state, so no Terraform is run. */
  readonly key: string | undefined;
  /** Where the Terraform code is, relative to the repository. */
  readonly directory: string;
  /** The branch that is applied and deployed. */
  readonly branch: string;
  readonly tests: readonly FunctionTests[];
  /** The version of crc that the jobs run. */
  readonly version: string;
  /** Path of the config, relative to the repository, when it is not where crc looks. */
  readonly configFile: string | undefined;
}

/** Each with the commit that its version names: a tag can be moved. */
const ACTIONS = {
  checkout: 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1',
  credentials: 'aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c # v6.2.3',
  terraform: 'hashicorp/setup-terraform@dfe3c3f87815947d99a8997f908cb6525fc44e9e # v4.0.1',
} as const;

/** Each night, at a minute when few others run. */
const NIGHTLY = '37 4 * * *';

type Lines = readonly string[];

/** The jobs of a repository as a GitHub Actions workflow. Throws a CrcError for a job that its role does not trust. */
export function workflowYaml(input: WorkflowInput): string {
  const { tests } = input;
  const terraform = input.key === undefined ? undefined : terraformAccess(input, input.key);
  const deploy = commandAccess(input, 'deploy-function');
  const verify = commandAccess(input, 'verify');
  const jobs = [
    ...(tests.length === 0 ? [] : [testJob(input)]),
    ...(terraform === undefined ? [] : [planJob(input, terraform), applyJob(input, terraform)]),
    ...(deploy === undefined ? [] : [deployJob(input, deploy)]),
    ...(verify === undefined ? [] : [verifyJob(input, verify)]),
  ];
  if (jobs.length === 0) {
    throw new CrcError(`The config has nothing to do for ${input.repository} in a workflow.`, {
      hint: 'Give one of its roles a state, "crc": ["verify"], or add a function.',
    });
  }
  const indented = jobs.map((lines) => lines.map((line) => `  ${line}`.trimEnd()).join('\n'));
  return `${head(verify !== undefined).join('\n')}\n${indented.join('\n\n')}\n`;
}

function head(scheduled: boolean): Lines {
  return [
    '# Made by `crc workflow` from crc.config.json. Make it again when the config changes.',
    'name: infrastructure',
    '',
    'on:',
    '  push:',
    '  pull_request:',
    ...(scheduled ? ['  schedule:', `    - cron: '${NIGHTLY}'`, '  workflow_dispatch:'] : []),
    '',
    '# Jobs that log in to AWS ask for id-token themselves; the others cannot.',
    'permissions:',
    '  contents: read',
    '',
    'jobs:',
  ];
}

interface TerraformAccess {
  readonly plan: Access & { readonly readOnly: boolean };
  readonly apply: Access;
}

function terraformAccess({ config, repository }: WorkflowInput, key: string): TerraformAccess | undefined {
  const having = (access: 'read' | 'write') =>
    config.roles.filter(
      ({ trust, state }) =>
        trust.repository === repository && state.some((one) => one.key === key && one.access === access),
    );
  const writers = having('write');
  if (writers.length === 0) return undefined;
  const plan = accessFor({ job: 'plan', roles: [...having('read'), ...writers], ways: () => [PULL_REQUEST] });
  const apply = accessFor({ job: 'apply', roles: writers, ways: environmentsOf });
  return { plan: { ...plan, readOnly: !writers.includes(plan.role) }, apply };
}

function commandAccess(
  { config, repository, branch }: WorkflowInput,
  command: RoleConfig['crc'][number],
): Access | undefined {
  const roles = config.roles.filter(({ trust, crc }) => trust.repository === repository && crc.includes(command));
  if (roles.length === 0) return undefined;
  return accessFor({ job: command, roles, ways: (role) => [onBranch(branch), ...environmentsOf(role)] });
}

function testJob({ tests }: WorkflowInput): Lines {
  return [
    'test:',
    `  if: github.event_name == 'push'`,
    '  runs-on: ubuntu-latest',
    '  timeout-minutes: 10',
    '  steps:',
    ...checkout(),
    ...tests.flatMap(({ kind, directory }) =>
      kind === 'node'
        ? [...install(directory), ...run('Test', ['npm test'], directory)]
        : [
            ...run('Install', [`pip install 'moto[dynamodb]>=5,<6' boto3`], directory),
            ...run('Test', ['python3 -m unittest discover -v'], directory),
          ],
    ),
  ];
}

function planJob(input: WorkflowInput, { plan }: TerraformAccess): Lines {
  return [
    'plan:',
    '  # A fork cannot log in to AWS, and must not.',
    `  if: github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository`,
    ...job(input, plan),
    '  steps:',
    ...checkout(),
    ...logIn(input, plan.role),
    ...setUpTerraform(input),
    ...run(
      'Plan',
      // A role that only reads the state cannot lock it.
      [`terraform plan -input=false ${plan.readOnly ? '-lock=false' : '-lock-timeout=5m'}`],
      input.directory,
    ),
  ];
}

function applyJob(input: WorkflowInput, { apply }: TerraformAccess): Lines {
  return [
    'apply:',
    ...onPush(input),
    ...needsTest(input),
    ...job(input, apply),
    ...oneAtATime(`terraform-${input.key}`),
    '  steps:',
    ...checkout(),
    ...logIn(input, apply.role),
    ...setUpTerraform(input),
    ...run('Plan', ['terraform plan -input=false -lock-timeout=5m -out=tfplan'], input.directory),
    ...run('Apply', ['terraform apply -input=false -lock-timeout=5m tfplan'], input.directory),
  ];
}

function deployJob(input: WorkflowInput, access: Access): Lines {
  const folders = input.tests.filter(({ kind }) => kind === 'node').map(({ directory }) => directory);
  return [
    'deploy-function:',
    ...onPush(input),
    ...needsTest(input),
    ...job(input, access),
    ...oneAtATime('deploy-function'),
    '  steps:',
    ...checkout(),
    ...folders.flatMap(install),
    ...logIn(input, access.role),
    ...run('Deploy', [crc(input, 'deploy-function')]),
  ];
}

function verifyJob(input: WorkflowInput, access: Access): Lines {
  return [
    'verify:',
    `  if: github.event_name == 'schedule' || github.event_name == 'workflow_dispatch'`,
    ...job(input, access),
    '  steps:',
    ...checkout(),
    ...logIn(input, access.role),
    '    # Exit code 2 is drift, 1 is "could not be read"; the report is in the summary of the run.',
    ...run('Verify', [crc(input, 'verify')]),
  ];
}

function onPush({ branch }: WorkflowInput): Lines {
  return [`  if: github.event_name == 'push' && github.ref == 'refs/heads/${branch}'`];
}

function needsTest({ tests }: WorkflowInput): Lines {
  return tests.length === 0 ? [] : ['  needs: test'];
}

function job(_: WorkflowInput, { environment }: Access): Lines {
  return [
    '  runs-on: ubuntu-latest',
    '  timeout-minutes: 30',
    ...(environment === undefined ? [] : [`  environment: ${text(environment)}`]),
    '  permissions:',
    '    contents: read',
    '    id-token: write',
  ];
}

/** A run that is cancelled in the middle leaves a lock behind. */
function oneAtATime(group: string): Lines {
  return ['  concurrency:', `    group: ${text(group)}`, '    cancel-in-progress: false'];
}

function checkout(): Lines {
  return [`    - uses: ${ACTIONS.checkout}`, '      with:', '        persist-credentials: false'];
}

function logIn({ config }: WorkflowInput, { name }: RoleConfig): Lines {
  const account = config.accountId ?? `\${{ vars.AWS_ACCOUNT_ID }}`;
  const [audience] = config.oidcProvider.audiences;
  return [
    `    - uses: ${ACTIONS.credentials}`,
    '      with:',
    `        role-to-assume: ${roleArn({ accountId: account, region: config.region }, name)}`,
    `        role-session-name: gh-\${{ github.run_id }}`,
    `        aws-region: ${config.region}`,
    ...(config.accountId === undefined ? [] : [`        allowed-account-ids: ${text(config.accountId)}`]),
    ...(audience === undefined || audience === 'sts.amazonaws.com' ? [] : [`        audience: ${text(audience)}`]),
  ];
}

function setUpTerraform({ directory }: WorkflowInput): Lines {
  return [
    `    - uses: ${ACTIONS.terraform}`,
    '      with:',
    `        terraform_version: ^1.11`,
    '        terraform_wrapper: false',
    ...run('Init', ['terraform init -input=false'], directory),
  ];
}

function install(directory: string): Lines {
  return run(
    'Install',
    ['if [ -f package-lock.json ]; then npm ci; else npm install --no-package-lock; fi'],
    directory,
  );
}

function crc({ version, configFile }: WorkflowInput, command: string): string {
  return `npx --yes crc-bootstrap@${version} ${command}${configFile === undefined ? '' : ` --config ${configFile}`}`;
}

function run(name: string, commands: Lines, directory = '.'): Lines {
  return [
    `    - name: ${name}`,
    ...(directory === '.' ? [] : [`      working-directory: ${text(directory)}`]),
    ...(commands.length === 1
      ? [`      run: ${commands[0]}`]
      : ['      run: |', ...commands.map((one) => `        ${one}`)]),
  ];
}

/** A string that YAML takes for nothing else. */
function text(value: string): string {
  return /^[A-Za-z][\w./-]*$/.test(value) ? value : `'${value.replaceAll("'", "''")}'`;
}
