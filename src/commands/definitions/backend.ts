import type { Definition, OptionsOf } from '../command.ts';

export const BACKEND = {
  name: 'backend',
  group: 'State',
  summary: 'print or check the backend blocks of Terraform',
  description:
    'With --check it compares the backend blocks of all Terraform folders below DIR with the config and with each other: one key in two folders, another bucket, no lock, a key that no role may write. It also shows the next step of the way from the lock table to the S3 lock file. Nothing is sent to AWS.',
  arguments: {
    names: {
      kind: 'list',
      placeholder: 'key',
      values: 'states',
      summary: "key of the state; default: the config's only one. With --check: folders; default: here",
    },
  },
  options: {
    format: {
      kind: 'value',
      placeholder: 'format',
      values: ['hcl', 'args', 'json'],
      summary: 'hcl (default), args (flags of terraform init) or json (a .tf.json file)',
    },
    check: {
      kind: 'switch',
      summary: 'check the backend blocks of the Terraform folders below here, or below the folders named',
    },
    from: {
      kind: 'value',
      placeholder: 'file',
      values: 'files',
      summary:
        'with --check: a file that lists more folders, one on each line, such as clones of the repositories that share the bucket',
    },
  },
  exitCodes: {
    0: 'printed; with --check: no problems',
    1: 'the config has no such state, or several and none was named; a folder could not be read',
    2: 'with --check: a problem',
  },
  examples: [
    ['crc backend > backend.tf', 'write it to a file'],
    ['terraform init $(crc backend --format args)', 'pass it as flags; your code then has an empty backend block'],
    ['crc backend --check', 'check every Terraform folder of this repository; exit code 2 if there is a problem'],
    ['crc backend --check . ../other-repository', 'check two repositories that share the bucket'],
    ['crc backend github-oidc/terraform.tfstate --json', 'choose one of several states, for a program'],
  ],
} as const satisfies Definition;

export type BackendOptions = OptionsOf<typeof BACKEND>;
