import { roleArn } from '../../aws/arns.ts';
import type { Config } from '../../config/schema.ts';
import type { PackageManager } from '../../package-manager.ts';
import { audienceRequested, DEFAULT_AUDIENCE } from '../../policies/trust.ts';
import { shellWord } from '../../shell.ts';
import type { Access, AccessRole } from './access.ts';
import { asText } from './literals.ts';
import { variablesRead } from './variables.ts';
import { type Mapping, styled } from './yaml-document.ts';

/** How to run a function's tests. */
export type FunctionTests = NodeTests | PythonTests;

/** The script `test` of a package.json. */
interface NodeTests extends InstalledFolder {
  readonly kind: 'node';
}

export interface PythonTests {
  readonly kind: 'unittest' | 'pytest';
  /** The folder of the function, relative to the repository. */
  readonly directory: string;
  /** Files with tests, relative to it. */
  readonly files: readonly string[];
  /** Whether its requirements.txt lists libraries that the tests need too. */
  readonly hasLibraries: boolean;
}

/** A folder with a package.json. */
export interface InstalledFolder {
  /** Relative to the repository. */
  readonly directory: string;
  readonly manager: PackageManager;
  /** Which version of it to run; undefined for what Corepack finds. */
  readonly managerVersion?: string | undefined;
}

/** The libraries of a Python function, which are packaged from its folder. */
export interface PythonLibraries {
  /** The folder of the function, relative to the repository. */
  readonly directory: string;
  /** The command that installs them there for Lambda. */
  readonly command: string;
}

export interface WorkflowInput {
  readonly config: Config;
  /** `owner/name`; roles for other repositories are left out. */
  readonly repository: string;
  /** Undefined: the config has no state, so the workflow does not run Terraform. */
  readonly key: string | undefined;
  /** The folder of the Terraform code, relative to the repository. */
  readonly directory: string;
  /** A file in it with backend arguments that the code omits, for `terraform init`. */
  readonly backendConfig: string | undefined;
  /** Folders with Terraform code whose backend blocks are checked, relative to the repository; empty for all of it. */
  readonly checked: readonly string[];
  /** The branch that is applied and deployed. */
  readonly branch: string;
  readonly tests: readonly FunctionTests[];
  /** Where what the functions import is installed. */
  readonly installed: readonly InstalledFolder[];
  readonly libraries: readonly PythonLibraries[];
  /** Whether npx refuses to run in the repository, because of devEngines in a package.json. */
  readonly hasDevEngines: boolean;
  /** The version of crc that the jobs use. */
  readonly version: string;
  /** Path of the config, relative to the repository, if it is not in the default location. */
  readonly configFile: string | undefined;
}

const CREDENTIALS = {
  uses: 'aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c',
  version: 'v6.2.3',
} as const;

/** The action that logs in, as written after `uses:`. */
export const CREDENTIALS_ACTION = `${CREDENTIALS.uses} # ${CREDENTIALS.version}`;

/** Each pinned to the commit of its version, since a tag can be moved. */
const ACTIONS = {
  checkout: styled({ beside: 'v7.0.1' }, 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1'),
  credentials: styled({ beside: CREDENTIALS.version }, CREDENTIALS.uses),
  terraform: styled({ beside: 'v4.0.1' }, 'hashicorp/setup-terraform@dfe3c3f87815947d99a8997f908cb6525fc44e9e'),
} as const;

export function job({ environment }: Access): Mapping {
  return {
    'runs-on': 'ubuntu-latest',
    'timeout-minutes': 30,
    environment:
      environment === undefined
        ? undefined
        : styled(
            {
              above:
                'Until this environment has protection rules, workflows on any branch can assume the role below.\n`crc outputs` prints the commands that add them.',
            },
            asText(environment),
          ),
    permissions: { contents: 'read', 'id-token': 'write' },
  };
}

export function checkout(): Mapping {
  return { uses: ACTIONS.checkout, with: { 'persist-credentials': false } };
}

/** What the action that logs in requests by default. */
const DEFAULT_SESSION_SECONDS = 3_600;

export function logIn(
  { config: { accountId, region, oidcProvider } }: WorkflowInput,
  { name, path }: AccessRole,
  seconds = DEFAULT_SESSION_SECONDS,
): Mapping {
  const audience = audienceRequested(oidcProvider);
  const [variable] = variablesRead({ accountId });
  const account = accountId ?? `\${{ vars.${variable} }}`;
  return {
    uses: ACTIONS.credentials,
    with: {
      'role-to-assume': roleArn({ accountId: account, region }, asText(name), path),
      'role-duration-seconds': seconds === DEFAULT_SESSION_SECONDS ? undefined : seconds,
      'role-session-name': `gh-\${{ github.run_id }}`,
      'aws-region': asText(region),
      'allowed-account-ids': accountId === undefined ? undefined : account,
      audience: audience === DEFAULT_AUDIENCE ? undefined : asText(audience),
    },
  };
}

export function setUpTerraform({ directory, backendConfig }: WorkflowInput): readonly Mapping[] {
  const open = backendConfig === undefined ? '' : ` ${shellWord(`-backend-config=${backendConfig}`)}`;
  return [
    { uses: ACTIONS.terraform, with: { terraform_version: '^1.11', terraform_wrapper: false } },
    run('Init', `terraform init -input=false${open}`, directory),
  ];
}

/**
 * npm compares devEngines in the package.json of its prefix; the program still runs in the current folder. With --force
 * instead, pnpm would read it from the environment too, and install the packages of all platforms.
 */
function npx({ hasDevEngines }: WorkflowInput): string {
  return hasDevEngines ? 'npx --yes --prefix "$RUNNER_TEMP"' : 'npx --yes';
}

/**
 * GitHub's machines have npm and Yarn 1. Corepack runs the version of the others that "packageManager" names; before 0.36
 * it refused a range in devEngines, and it still runs the latest version then.
 */
function callOf({ manager, managerVersion }: InstalledFolder, input: WorkflowInput): string {
  if (manager === 'npm') return 'npm';
  if (manager === 'bun') return `${npx(input)} bun@1`;
  // pnpm refuses to run as another version. In the registry of npm, the package yarn is only Yarn 1.
  if (manager === 'pnpm' && managerVersion !== undefined) return `${npx(input)} ${shellWord(`pnpm@${managerVersion}`)}`;
  return `${npx(input)} corepack@0.36.0 ${manager}`;
}

export function install(folder: InstalledFolder, input: WorkflowInput): Mapping {
  const call = callOf(folder, input);
  const commands = {
    npm: 'if [ -f package-lock.json ]; then npm ci; else npm install --no-package-lock; fi',
    pnpm: `${call} install --frozen-lockfile`,
    // In CI, Yarn 2 and later do not change the lock file, and Yarn 1 has another flag for it.
    yarn: `${call} install`,
    bun: `${call} install --frozen-lockfile`,
  };
  return run('Install', commands[folder.manager], folder.directory);
}

export function runTests(folder: InstalledFolder, input: WorkflowInput): Mapping {
  return run('Test', `${callOf(folder, input)} ${folder.manager === 'bun' ? 'run test' : 'test'}`, folder.directory);
}

/** Nothing is installed over libraries that are in the repository: another version would be another package. */
export function installLibraries({ directory, command }: PythonLibraries): Mapping {
  return run('Install libraries', `compgen -G '*.dist-info' > /dev/null || ${command}`, directory);
}

export function crc(input: WorkflowInput, command: string): string {
  const { version, configFile } = input;
  return `${npx(input)} crc-bootstrap@${version} ${command}${configFile === undefined ? '' : ` --config ${shellWord(configFile)}`}`;
}

/** `command` is bash code in which all names are already quoted. */
export function run(name: string, command: string, directory = '.'): Mapping {
  return { name, 'working-directory': directory === '.' ? undefined : asText(directory), run: asText(command) };
}
