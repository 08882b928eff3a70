import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXAMPLE, ROOT } from './cli.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests change configs in ways that the type forbids.
export type LooseConfig = any;

/** A new copy of `config.example.json`. */
export function exampleConfig(): LooseConfig {
  return JSON.parse(readFileSync(EXAMPLE, 'utf8'));
}

/** The example config without functions. */
export function backendConfig(): LooseConfig {
  const { functions: _, ...config } = exampleConfig();
  return config;
}

/**
 * Adds to the example config what it lacks of each kind of resource, and of what requires permissions of its own: a
 * boundary, a managed policy, expiry, an item and reserved concurrency.
 */
export function withEverything({ stateBucket, roles: [role], functions: [functionConfig] }: LooseConfig): void {
  stateBucket.noncurrentVersions = { expireAfterDays: 90 };
  // In COMPLIANCE mode the objects could not be deleted.
  stateBucket.objectLock = { mode: 'GOVERNANCE', days: 1 };
  role.managedPolicyArns = ['arn:aws:iam::aws:policy/ReadOnlyAccess'];
  role.permissionsBoundary = 'arn:aws:iam::aws:policy/PowerUserAccess';
  functionConfig.table.item = { Id: 'cv', VisitTotal: 0 };
  functionConfig.permissionsBoundary = 'arn:aws:iam::aws:policy/PowerUserAccess';
  functionConfig.reservedConcurrency = 5;
}

/** The config of a platform team: many repositories, each with its own role, and one shared bucket. */
export function manyRoles(count: number): LooseConfig {
  const config = backendConfig();
  const [role] = config.roles;
  config.roles = Array.from({ length: count }, (_, index) => ({
    ...role,
    name: `Team${index}Terraform`,
    trust: { repository: `platform/service-${index}`, subjects: ['ref:refs/heads/main', 'environment:production'] },
    state: [{ key: `service-${index}/terraform.tfstate`, access: 'write' }],
  }));
  return config;
}

/** Writes a config to a new folder and returns the folder. */
export function writeConfig(config: LooseConfig): string {
  const folder = mkdtempSync(join(tmpdir(), 'crc-test-'));
  writeFileSync(join(folder, 'crc.config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  return folder;
}

/** A new folder with the changed example config and its function's source. */
export function project(change: (config: LooseConfig) => void = () => undefined): string {
  const config = exampleConfig();
  change(config);
  const folder = writeConfig(config);
  cpSync(join(ROOT, 'functions'), join(folder, 'functions'), { recursive: true });
  return folder;
}
