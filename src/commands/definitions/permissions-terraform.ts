import type { Definition, OptionsOf } from '../command.ts';
import { WORKSPACE } from '../options.ts';

export const PERMISSIONS_TERRAFORM = {
  name: 'permissions terraform',
  group: 'Account',
  summary: 'find the least IAM statements that your Terraform needs',
  description:
    'Runs a copy of your configuration in a local AWS emulator (plan, apply, plan, destroy), records each call, and prints the ' +
    'statements that it needs on AWS. Your folder and your account are not touched.',
  arguments: {
    folder: {
      kind: 'optional',
      placeholder: 'folder',
      values: 'files',
      summary: 'the folder of the Terraform configuration; default: the current one',
    },
    program: {
      kind: 'after',
      placeholder: 'command',
      summary: 'a command that uses an AWS SDK, recorded instead of Terraform',
    },
  },
  options: {
    var: { kind: 'repeatable', placeholder: 'name=value', summary: 'set a variable of the configuration (repeatable)' },
    varFile: {
      kind: 'repeatable',
      placeholder: 'file',
      values: 'files',
      summary: 'set variables from a file (repeatable)',
    },
    workspace: WORKSPACE,
    log: {
      kind: 'repeatable',
      placeholder: 'file',
      values: 'files',
      summary: 'read the Terraform log of a real run instead of running it; - reads stdin (repeatable)',
    },
    destroy: { kind: 'negated', summary: 'leave out what only destroy and replacements need' },
    write: { kind: 'switch', summary: 'put the statements into the config, into the roles that may use the state' },
    key: {
      kind: 'value',
      placeholder: 'key',
      values: 'states',
      summary: 'with --write: the state of this configuration, if its backend block does not name it',
    },
    yes: { kind: 'switch', summary: 'with --write: do not ask before writing the config', destructive: true },
    terraformBin: {
      kind: 'value',
      placeholder: 'program',
      values: 'files',
      summary: 'the program to run (default: terraform, otherwise tofu)',
    },
  },
  listing: 'own-page',
  exitCodes: {
    0: 'printed or written',
    1: 'Terraform failed (what was found until then is printed), or an error',
  },
  examples: [
    ['crc permissions terraform', 'the configuration in this folder'],
    ['crc permissions terraform infrastructure --var-file prod.tfvars --write', 'put the statements into the config'],
    ['crc permissions terraform --log terraform.log', 'from the log of a real run'],
    ['crc permissions terraform -- sh deploy.sh', 'for another program; it starts in an empty emulator'],
  ],
} as const satisfies Definition;

export type PermissionsTerraformOptions = OptionsOf<typeof PERMISSIONS_TERRAFORM>;
