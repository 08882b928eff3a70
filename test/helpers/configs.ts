import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXAMPLE, ROOT } from './cli.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests bend the config into shapes that its type forbids.
export type LooseConfig = any;

/** `config.example.json` as an object of one's own. */
export function exampleConfig(): LooseConfig {
  return JSON.parse(readFileSync(EXAMPLE, 'utf8'));
}

/** The example without its functions: what Terraform and GitHub need. */
export function backendConfig(): LooseConfig {
  const { functions: _, ...config } = exampleConfig();
  return config;
}

/** A platform team's config: a role for each of many repositories, all on one bucket. */
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

/** Writes a config into a folder of its own and returns the folder. */
export function writeConfig(config: LooseConfig): string {
  const folder = mkdtempSync(join(tmpdir(), 'crc-test-'));
  writeFileSync(join(folder, 'crc.config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  return folder;
}

/** The example, changed, and the source of its function, in a folder of their own. */
export function project(change: (config: LooseConfig) => void = () => undefined): string {
  const config = exampleConfig();
  change(config);
  const folder = writeConfig(config);
  cpSync(join(ROOT, 'functions'), join(folder, 'functions'), { recursive: true });
  return folder;
}
