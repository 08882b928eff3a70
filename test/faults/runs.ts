import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteBucketPolicyCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { type LooseConfig, project } from '../helpers/configs.ts';
import type { Bench } from './bench.ts';

/** A command and the account that it runs in. */
export interface Run {
  /** Id of its table in docs/reliability.md. */
  readonly id: string;
  readonly name: string;
  readonly args: readonly string[];
  /** Creates a separate folder for each bench. */
  project(): string;
  /** Prepares an empty account and the folder for the command. */
  prepare(bench: Bench, cwd: string): Promise<void>;
}

const Bucket = 'abcdef-terraform-state';

/** Retention that can be bypassed. In COMPLIANCE mode the objects could not be deleted. */
const bypassable = ({ stateBucket }: LooseConfig) => {
  stateBucket.objectLock = { mode: 'GOVERNANCE', days: 1 };
};

async function bootstrapped(bench: Bench, cwd: string): Promise<void> {
  const { code, stdout } = await bench.crc(cwd, ['bootstrap']);
  if (code !== 0) throw new Error(`the bootstrap before the run failed: ${stdout}`);
}

export const RUNS: readonly Run[] = [
  {
    id: 'bootstrap',
    name: 'bootstrap of an empty account',
    args: ['bootstrap'],
    project,
    prepare: async () => undefined,
  },
  {
    id: 'deploy-function',
    name: 'deploy-function with new code',
    args: ['deploy-function', '--no-smoke-test'],
    project,
    async prepare(bench, cwd) {
      const entry = join(cwd, 'functions/increment-visits/index.ts');
      const source = readFileSync(entry, 'utf8').replace(/\n\/\/ changed\n$/, '');
      writeFileSync(entry, source);
      await bootstrapped(bench, cwd);
      writeFileSync(entry, `${source}\n// changed\n`);
    },
  },
  {
    id: 'destroy',
    name: 'destroy with a state',
    args: ['destroy', '--confirm', Bucket, '--delete-state'],
    project: () => project(bypassable),
    async prepare(bench, cwd) {
      await bootstrapped(bench, cwd);
      // Moto denies all object calls if the bucket policy contains a conditional Deny.
      await bench.clients.s3.send(new DeleteBucketPolicyCommand({ Bucket }));
      for (const serial of [1, 2]) {
        const Body = JSON.stringify({ version: 4, serial, lineage: 'l', outputs: {}, resources: [] });
        await bench.clients.s3.send(new PutObjectCommand({ Bucket, Key: 'github-oidc/terraform.tfstate', Body }));
      }
    },
  },
];
