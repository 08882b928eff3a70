import { Command, CommanderError, Option } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { commandOf } from './command-names.ts';
import type { BackendOptions } from './commands/backend.ts';
import type { BootstrapOptions } from './commands/bootstrap.ts';
import type { DeployFunctionOptions } from './commands/deploy-function.ts';
import type { DestroyOptions } from './commands/destroy.ts';
import type { ExplainOptions } from './commands/explain-questions.ts';
import type { InitOptions } from './commands/init-answers.ts';
import type { InvokeOptions } from './commands/invoke.ts';
import type { GlobalOptions } from './commands/options.ts';
import type { OutputsOptions } from './commands/outputs.ts';
import type { VerifyOptions } from './commands/verify.ts';
import type { WorkflowOptions } from './commands/workflow.ts';
import { CrcError } from './errors.ts';
import { DEFAULT_COLUMNS, type Io } from './ui/io.ts';

/**
 * Reads one command line, loads and runs its command, and returns the exit code. Throws a CrcError for a command line that is
 * wrong, and whatever the command throws.
 */
export async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  const program = buildProgram(argv, io, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv]);
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    throw usageError(error, argv);
  }
}

function buildProgram(argv: readonly string[], io: Io, exit: (code: number) => void): Command {
  const program = new Command('crc')
    .description('Makes an AWS account ready for Terraform and GitHub Actions, and proves that it stays so.')
    .version(packageJson.version)
    .option('--config <file>', 'config file (default: crc.config.json, searched upward from here)')
    .option('--region <region>', 'AWS region; beats the one in the config')
    .option('--profile <name>', 'AWS profile for the credentials')
    .option('--endpoint-url <url>', 'endpoint for all AWS services, for an emulator')
    .option('--json', 'print one JSON document on stdout and nothing else')
    .option('--only <id>', 'only this resource, for example role/NAME (repeatable)', collect)
    .option('--verbose', 'show each API call, its time and its request id on stderr')
    .addOption(new Option('--no-color', 'no colours'))
    .configureHelp({ showGlobalOptions: true, subcommandTerm })
    .exitOverride()
    // Usage errors are shown by the one catch, so that they come as JSON too.
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: () => undefined,
      getOutHelpWidth: () => io.outColumns ?? DEFAULT_COLUMNS,
      // Help has no colours to strip.
      getOutHasColors: () => true,
      getErrHasColors: () => true,
    })
    .showHelpAfterError(false)
    .helpCommand(false)
    .hook('preAction', (_, command) => checkValues(command))
    .addHelpText(
      'after',
      examples(
        ['crc sandbox -- crc bootstrap', 'try it on this machine, with no AWS account'],
        ['crc bootstrap --dry-run', 'show what would be made or changed'],
        ['crc bootstrap', 'make it so'],
        ['crc verify', 'prove that nothing has drifted'],
        ['crc deploy-function', 'ship the code of the functions, and prove that they answer'],
      ),
    );

  // The others are only listed.
  const complete = (command: Command, rest: (command: Command) => Command) => {
    if (argv.includes(command.name())) rest(command);
  };

  complete(
    program
      .command('init')
      .description('write the config, the function, the backend block and the workflow of a project'),
    (command) =>
      command
        .option('--repository <owner/name>', 'GitHub repository; default: the remote origin')
        .option('--account <id>', 'AWS account; default: that of the credentials')
        .option('--bucket <name>', 'name of the state bucket')
        .option('--function <kind>', 'visit counter: typescript, python or none')
        .option('--yes', 'do not ask')
        .option('--force', 'overwrite files that are there already')
        .addHelpText(
          'after',
          examples(
            ['crc init', 'asks for what it cannot find out'],
            ['crc init --yes --repository me/resume --region eu-west-2', 'in a script'],
            ['crc init --yes --function none', 'without the visit counter'],
          ),
        )
        .action(async (_: unknown, command: Command) => {
          const { init } = await import('./commands/init.ts');
          exit(await init(command.optsWithGlobals<InitOptions>(), io));
        }),
  );

  complete(
    program.command('bootstrap').description('make everything in the config, or bring it back to what the config says'),
    (command) =>
      command
        .option('--dry-run', 'show the plan and write nothing; exit code 2 if there is anything to do')
        .option('--yes', 'do not ask before writing')
        .option('--adopt', 'take over resources that this project does not own, with the changes in the plan')
        .option('--prune', "remove policies that the config does not name from crc's own roles")
        .addHelpText(
          'after',
          examples(
            ['crc bootstrap --dry-run', 'what would be done'],
            ['crc bootstrap --yes --json', 'in a script'],
            ['crc bootstrap --only lock-table', 'one resource'],
            ['crc bootstrap --adopt', 'take over a bucket that Terraform made'],
          ),
        )
        .action(async (_: unknown, command: Command) => {
          const { bootstrap } = await import('./commands/account.ts');
          exit(await bootstrap(command.optsWithGlobals<BootstrapOptions>(), io));
        }),
  );

  complete(
    program
      .command('verify')
      .description(
        'compare everything with the config and write nothing; exit code 2 on drift, 1 if anything is unread',
      ),
    (command) =>
      command
        .option('--markdown', 'print a table in Markdown')
        .option('--strict', 'exit code 2 when everything is in sync but there are warnings, too')
        .addHelpText(
          'after',
          examples(
            ['crc verify', 'everything'],
            ['crc verify --only state-bucket --json', 'one resource, for a program'],
            ['crc verify --markdown >> "$GITHUB_STEP_SUMMARY"', 'as a report'],
          ),
        )
        .action(async (_: unknown, command: Command) => {
          const { verify } = await import('./commands/account.ts');
          exit(await verify(command.optsWithGlobals<VerifyOptions>(), io));
        }),
  );

  complete(
    program
      .command('deploy-function')
      .description('deploy functions (all, without names) and what they need, and prove that they answer')
      .argument('[name...]', 'functions of the config'),
    (command) =>
      command
        .option('--dry-run', 'show the plan and write nothing; exit code 2 if there is anything to do')
        .option('--no-smoke-test', 'do not call the function afterwards; a test of the visit counter counts')
        .option('--rollback [version]', 'serve an earlier version again; without one, the last that had other code')
        .addHelpText(
          'after',
          examples(
            ['crc deploy-function', 'all functions, from source to a tested URL'],
            ['crc deploy-function IncrementVisits --dry-run', 'what would be done for one'],
            ['crc deploy-function IncrementVisits --rollback', 'the version before'],
            ['crc deploy-function --no-smoke-test --json', 'in a script, leaving the counter alone'],
          ),
        )
        .action(async (names: string[], _: unknown, command: Command) => {
          const { deployFunction } = await import('./commands/account.ts');
          exit(await deployFunction(names, command.optsWithGlobals<DeployFunctionOptions>(), io));
        }),
  );

  complete(
    program
      .command('invoke')
      .description('call a function and show its answer; exit code 1 when it fails or answers 400 or more')
      .argument('<name>', 'a function of the config'),
    (command) =>
      command
        .option('--local', 'run the package on this machine, against the real (or sandbox) table')
        .option('--payload <json>', 'the event, or @FILE (default: a GET on the URL)')
        .addHelpText(
          'after',
          examples(
            ['crc invoke IncrementVisits', 'what the public is served'],
            ['crc invoke IncrementVisits --local', 'what would be served, before it is deployed'],
            ['crc invoke IncrementVisits --payload @event.json --json', 'with an event, for a program'],
          ),
        )
        .action(async (name: string, _: unknown, command: Command) => {
          const { invoke } = await import('./commands/account.ts');
          exit(await invoke(name, command.optsWithGlobals<InvokeOptions>(), io));
        }),
  );

  complete(
    program
      .command('outputs')
      .description('show role ARNs, function URLs, backends, and the lines that make them variables of the repository'),
    (command) =>
      command
        .option('--github-output', 'append them to the file that GITHUB_OUTPUT names')
        .addHelpText(
          'after',
          examples(
            ['crc outputs', 'for people'],
            ["crc outputs --json | jq -r '.functions.IncrementVisits.url'", 'one address'],
            ['crc outputs --github-output', 'as outputs of a step'],
          ),
        )
        .action(async (_: unknown, command: Command) => {
          const { outputs } = await import('./commands/account.ts');
          exit(await outputs(command.optsWithGlobals<OutputsOptions>(), io));
        }),
  );

  complete(
    program
      .command('backend')
      .description("print the backend block of a state for Terraform; without a key, the config's only one")
      .argument('[key]', 'key of the state'),
    (command) =>
      command
        .option('--format <format>', 'hcl, args (lines for terraform init) or json (a .tf.json file)', 'hcl')
        .addHelpText(
          'after',
          examples(
            ['crc backend > backend.tf', 'as a file'],
            ['terraform init $(crc backend --format args)', 'as flags, with an empty backend block'],
            ['crc backend github-oidc/terraform.tfstate --json', 'one of several, for a program'],
          ),
        )
        .action(async (key: string | undefined, _: unknown, command: Command) => {
          const { backend } = await import('./commands/backend.ts');
          exit(await backend(key, command.optsWithGlobals<BackendOptions>(), io));
        }),
  );

  complete(
    program
      .command('workflow')
      .description('print the GitHub Actions workflow that tests, plans, applies, deploys and verifies'),
    (command) =>
      command
        .option('--repository <owner/name>', "one of several; default: the config's only one")
        .option('--key <key>', "state of the Terraform code; default: the repository's only one")
        .option('--directory <path>', 'where the Terraform code is', '.')
        .option('--branch <name>', 'the branch that is applied and deployed', 'main')
        .addHelpText('after', examples(['crc workflow > .github/workflows/infrastructure.yml', 'as a file']))
        .action(async (_: unknown, command: Command) => {
          const { workflow } = await import('./commands/workflow.ts');
          exit(await workflow(command.optsWithGlobals<WorkflowOptions>(), io));
        }),
  );

  complete(
    program
      .command('permissions')
      .description('print the least IAM policy with which a command of crc runs on this config')
      .argument('<command>', 'bootstrap, verify, deploy-function or destroy'),
    (command) =>
      command
        .addHelpText(
          'after',
          examples(
            ['crc permissions verify', 'for a nightly check'],
            ['crc permissions bootstrap > policy.json', 'for whoever sets the account up'],
          ),
        )
        .action(async (name: string, _: unknown, command: Command) => {
          const { permissions } = await import('./commands/account.ts');
          exit(await permissions(name, command.optsWithGlobals<GlobalOptions>(), io));
        }),
  );

  complete(
    program
      .command('export')
      .description('print bucket, table, provider and roles as Terraform code with import blocks, to leave crc'),
    (command) =>
      command
        .addHelpText(
          'after',
          examples(['crc export > main.tf', 'then terraform init && terraform plan: imports and no change']),
        )
        .action(async (_: unknown, command: Command) => {
          const { exportToTerraform } = await import('./commands/account.ts');
          exit(await exportToTerraform(command.optsWithGlobals<GlobalOptions>(), io));
        }),
  );

  complete(
    program
      .command('explain')
      .description('say whether GitHub can assume a role, and if not why; exit code 2 if it cannot'),
    (command) =>
      command
        .option('--role <name>', "one role; default: all of the config's")
        .option('--subject <sub>', "the token's sub, or what follows the repository in it")
        .option('--token <file>', 'a token of GitHub, which is never shown; - reads stdin')
        .option('--workflow <file>', 'a workflow: every job in it that logs in')
        .addHelpText(
          'after',
          examples(
            ['crc explain', "every subject that the config's repositories can mint"],
            ['crc explain --subject environment:production', 'one job, before the push'],
            ['crc explain --workflow .github/workflows/infrastructure.yml', 'all jobs of a workflow'],
            ['crc explain --role Deploy --token token.json --json', 'what a job really had, for a program'],
          ),
        )
        .action(async (_: unknown, command: Command) => {
          const { explain } = await import('./commands/explain.ts');
          exit(await explain(command.optsWithGlobals<ExplainOptions>(), io));
        }),
  );

  complete(
    program
      .command('destroy')
      .description('delete what this project owns, after an inventory and a typed consent; states are kept by default'),
    (command) =>
      command
        .option('--dry-run', 'show what will be deleted and what is kept, and delete nothing')
        .option('--confirm <bucket>', "the state bucket's name: deletes without a prompt")
        .option('--delete-state', 'delete the states too, for good, with all their versions')
        .addHelpText(
          'after',
          examples(
            ['crc destroy --dry-run', 'what will be deleted, what is kept and why'],
            ['crc destroy', 'asks for the name of the bucket'],
            ['crc destroy --confirm my-states --delete-state', 'everything, in a script'],
          ),
        )
        .action(async (_: unknown, command: Command) => {
          const { destroy } = await import('./commands/account.ts');
          exit(await destroy(command.optsWithGlobals<DestroyOptions>(), io));
        }),
  );

  complete(
    program
      .command('sandbox')
      .description('run a command against a local AWS emulator (Moto) and stop it; without one, stay until Ctrl-C')
      .argument('[command...]', 'what to run, after --'),
    (command) =>
      command
        .addHelpText(
          'after',
          examples(
            ['crc sandbox -- crc bootstrap', 'bootstrap nothing but this machine'],
            ["crc sandbox -- sh -c 'crc bootstrap && crc verify'", 'several commands on one emulator'],
            ['crc sandbox', 'print the environment to export, and stay'],
          ),
        )
        .action(async (words: string[], _: unknown, command: Command) => {
          const { sandbox } = await import('./commands/sandbox.ts');
          exit(await sandbox(words, command.optsWithGlobals<GlobalOptions>(), io));
        }),
  );

  return program;
}

/** As it is listed: `invoke [options] <name>`. Every command takes options, the global ones at least. */
function subcommandTerm(command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), '[options]', ...words].join(' ');
}

/** A flag whose value is empty is most often a variable that is not set; to go on without it would be a guess. */
function checkValues(command: Command): void {
  const values = command.optsWithGlobals<Readonly<Record<string, unknown>>>();
  const options = [...(command.parent?.options ?? []), ...command.options];
  const empty = options.find((option) => [values[option.attributeName()]].flat().includes(''));
  if (empty === undefined) return;
  throw new CrcError(`${empty.long}: its value is empty.`, {
    hint: `Write one, or leave ${empty.long} out. See \`crc ${command.name()} --help\`.`,
  });
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function examples(...lines: readonly (readonly [string, string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return `\nExamples:\n${lines.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`).join('\n')}`;
}

function usageError(error: CommanderError, argv: readonly string[]): CrcError {
  if (error.code === 'commander.help') return new CrcError('No command given.', { hint: 'See `crc --help`.' });
  const command = commandOf(argv);
  return new CrcError(error.message.replace(/^error: /, '').replace('\n', ' '), {
    hint: `See \`crc ${command === 'crc' ? '' : `${command} `}--help\`.`,
  });
}
