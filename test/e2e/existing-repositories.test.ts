import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { cloneWith } from '../helpers/init.ts';
import { benchAt, useMoto } from '../helpers/moto.ts';
import { type Existing, REPOSITORIES, type Repository } from '../helpers/repositories.ts';
import { describeWith } from '../helpers/require.ts';
import { awsProviderFolder, LESS_CPU } from '../helpers/terraform.ts';

type Name = keyof typeof REPOSITORIES;

const FLAGS = ['--repository', 'ada/site', '--account', '123456789012', '--github-ids', '11/22', '--function', 'none'];

/** An unreachable GitHub API, in case a repository with this name exists. */
const NO_GITHUB = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_API_URL: 'http://127.0.0.1:9' };

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a command line that was copied from the output, and answers all prompts with `yes`. */
async function runLine(line: string, cwd: string, env: Readonly<Record<string, string>>): Promise<Ran> {
  return await new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', line], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += String(chunk);
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
    // A command that asks nothing may have ended before the answers are written.
    child.stdin.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') reject(error);
    });
    child.stdin.end('yes\nyes\n');
  });
}

describeWith(['moto', 'terraform'], 'a repository with existing Terraform code', () => {
  const moto = useMoto();

  /** Sets up the repository and its owner's AWS resources. */
  async function ownerOf(name: Name) {
    const { files, committed = [], folder = '', exists }: Repository = REPOSITORIES[name];
    const clone = cloneWith(files);
    if (committed.length > 0) {
      clone.git('add', '--force', ...committed);
      clone.git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '-q', '-m', 'The site');
    }
    const bench = benchAt(moto().endpoint, exists?.region);
    if (exists !== undefined) await createExisting(exists, bench.clients);
    // Terraform resolves a backend block's profile in this file.
    const credentials = join(clone.env.HOME, 'credentials');
    writeFileSync(credentials, '[ada]\naws_access_key_id = testing\naws_secret_access_key = testing\n');
    const plugins = awsProviderFolder();
    const env: Record<string, string> = {
      ...LESS_CPU,
      ...moto().env,
      PATH: process.env.PATH ?? '',
      HOME: clone.env.HOME,
      AWS_SHARED_CREDENTIALS_FILE: credentials,
      CHECKPOINT_DISABLE: '1',
      TF_CLI_ARGS_init: plugins === undefined ? '' : `-plugin-dir=${plugins}`,
    };
    const cwd = join(clone.cwd, folder);
    const succeeds = async (line: string, options: { readonly env?: Record<string, string> } = {}) => {
      const { code, output } = await runLine(line, cwd, { ...env, ...options.env });
      expect([line, code, code === 0 ? '' : output]).toEqual([line, 0, '']);
      return output;
    };
    const crc = async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await runCli(args, {
        cwd,
        env: { ...moto().env, ...NO_GITHUB, HOME: clone.env.HOME },
      });
      return { code, stdout, stderr };
    };
    return { ...clone, cwd, bench, succeeds, crc };
  }

  async function createExisting(
    { region, buckets, table }: Existing,
    { s3, dynamodb }: ReturnType<typeof benchAt>['clients'],
  ) {
    const LocationConstraint = region as BucketLocationConstraint;
    for (const Bucket of buckets) {
      const input = region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint } };
      await s3.send(new CreateBucketCommand({ Bucket, ...input }));
    }
    if (table === undefined) return;
    await dynamodb.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'LockID', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'LockID', AttributeType: 'S' }],
      }),
    );
  }

  /** Command lines under "Next" that run a certain program. */
  const linesOf = (stdout: string, program: string) =>
    [...stdout.matchAll(/^ {5}(.+)$/gm)].map(([, line = '']) => line).filter((line) => line.startsWith(program));

  interface Case {
    readonly name: Name;
    readonly kind?: string;
    /** Folders in which to run Terraform, relative to the project's folder, with arguments for `terraform init`. */
    readonly folders?: readonly (readonly [directory: string, init?: string])[];
    /** Terraform commands that `crc init` should print. */
    readonly moves?: readonly string[];
    /** Additional flags for `crc init`. */
    readonly init?: readonly string[];
  }

  const CASES: readonly Case[] = [
    { name: 'remoteState', folders: [['terraform']] },
    { name: 'committedState', folders: [['infra']], moves: ['terraform -chdir=infra init -migrate-state'] },
    { name: 'localState', folders: [['.']], moves: ['terraform init -migrate-state'] },
    { name: 'keysInApply', folders: [['infra']] },
    {
      name: 'keysInApply',
      kind: ', to another bucket',
      folders: [['infra']],
      init: ['--force', '--bucket', 'ada-site-tfstate'],
      moves: ['terraform -chdir=infra init -migrate-state'],
    },
    { name: 'oidcWithoutLock', folders: [['.']] },
    { name: 'severalFolders', folders: [['network'], ['site']], moves: ['terraform -chdir=site init -migrate-state'] },
    { name: 'bucketElsewhere', folders: [['infra']] },
    {
      name: 'challenge',
      folders: [['backend/terraform']],
      moves: ['terraform -chdir=backend/terraform init -migrate-state'],
    },
    { name: 'twoBuckets', folders: [['dns'], ['site']] },
    { name: 'environments', folders: [['infra', '-backend-config=dev.s3.tfbackend']] },
    { name: 'monorepo', folders: [['infra']] },
    { name: 'inJson', folders: [['stack']] },
    { name: 'oneKeyTwice' },
    { name: 'cloud' },
    { name: 'sam', init: ['--region', 'eu-west-1'] },
    { name: 'serverless', init: ['--region', 'eu-west-1'] },
  ];

  it.each(CASES.map((example) => [`${example.name}${example.kind ?? ''}`, example] as const))(
    '%s: init, bootstrap and the commands that init prints change nothing that Terraform manages',
    async (_, example) => {
      const { name, folders = [], moves = [] } = example;
      const { succeeds, crc, bench, git, cwd } = await ownerOf(name);
      for (const [directory, init = ''] of folders) {
        await succeeds(`terraform -chdir=${directory} init -input=false ${init}`);
        await succeeds(`terraform -chdir=${directory} apply -auto-approve -input=false`);
      }

      const { code, stdout, stderr } = await crc('init', '--yes', ...FLAGS, ...(example.init ?? []));
      expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
      const [bootstrap = ''] = linesOf(stdout, 'npx crc bootstrap');
      const bootstrapped = await crc(...bootstrap.split(' ').slice(2));
      expect([bootstrap, bootstrapped.code, bootstrapped.code === 0 ? '' : bootstrapped.stderr]).toEqual([
        bootstrap,
        0,
        '',
      ]);

      // Moto denies all object calls if the bucket policy contains a conditional Deny.
      const { name: Bucket } = JSON.parse(readFileSync(join(cwd, 'crc.config.json'), 'utf8')).stateBucket;
      const { Policy } = await bench.clients.s3.send(new GetBucketPolicyCommand({ Bucket }));
      await bench.clients.s3.send(new DeleteBucketPolicyCommand({ Bucket }));

      const printed = linesOf(stdout, 'terraform');
      expect(printed).toEqual(moves);
      for (const line of printed) await succeeds(line);
      for (const line of linesOf(stdout, 'git rm')) await succeeds(line);
      expect(git('ls-files', '*.tfstate*').stdout).toBe('');
      for (const [directory] of folders) {
        await succeeds(`terraform -chdir=${directory} plan -input=false -detailed-exitcode`);
      }

      await bench.clients.s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
      const verified = await crc('verify');
      expect([verified.code, verified.code === 0 ? '' : verified.stdout]).toEqual([0, '']);
    },
    // Every Terraform command starts the AWS provider.
    900_000,
  );
});
