import { CrcError } from '../../../errors.ts';
import { blocksOf } from '../../blocks.ts';
import type { Module } from './module.ts';

/** Providers that touch nothing but AWS and the copy. `builtin` is Terraform itself. */
const HARMLESS: readonly string[] = [
  'hashicorp/aws',
  'hashicorp/archive',
  'hashicorp/cloudinit',
  'hashicorp/external',
  'hashicorp/http',
  'hashicorp/local',
  'hashicorp/null',
  'hashicorp/random',
  'hashicorp/template',
  'hashicorp/time',
  'hashicorp/tls',
];

const BY_LOG =
  'Run Terraform yourself with `TF_LOG_PROVIDER=DEBUG TF_LOG_PATH=terraform.log`, then `crc permissions terraform --log terraform.log`.';

/**
 * Refuses a configuration whose run would reach another service than the emulator: `lockFile` is Terraform's lock file after
 * `terraform init`, with every provider that the configuration and its modules use. Throws a CrcError.
 */
export function refuseOtherProviders(lockFile: string): void {
  const used = [...lockFile.matchAll(/^provider "(?:[^"/]+\/)?([^"/]+\/[^"/]+)"/gm)].map(([, name = '']) => name);
  const others = used.filter((name) => !HARMLESS.includes(name));
  if (others.length === 0) return;
  const names = others.join(', ');
  throw new CrcError(
    `The configuration also uses ${others.length === 1 ? 'the provider' : 'the providers'} ${names}. An apply would change something real there, so nothing was run.`,
    { hint: BY_LOG },
  );
}

/** Refuses provisioners that connect to a server: an emulator invents its address, which may be another owner's. */
export function refuseRemoteProvisioners(modules: readonly Module[]): void {
  for (const { blocks } of modules) {
    for (const { type, labels, body } of blocks) {
      if (type !== 'resource') continue;
      const remote = provisionersOf(body).find((name) => name === 'remote-exec' || name === 'file');
      if (remote === undefined) continue;
      throw new CrcError(
        `${labels.join('.')} has a provisioner "${remote}", which connects to a server. In the sandbox its address is invented and may be someone else's, so nothing was run.`,
        { hint: BY_LOG },
      );
    }
  }
}

/** Addresses of resources and data sources that run commands on this machine. */
export function commandsOf(modules: readonly Module[]): readonly string[] {
  return modules.flatMap(({ blocks }) =>
    blocks.flatMap(({ type, labels, body }) => {
      const runs =
        (type === 'resource' && provisionersOf(body).includes('local-exec')) ||
        (type === 'data' && labels[0] === 'external');
      return runs ? [type === 'data' ? `data.${labels.join('.')}` : labels.join('.')] : [];
    }),
  );
}

function provisionersOf(body: string): readonly string[] {
  return blocksOf(body)
    .filter(({ type }) => type === 'provisioner')
    .map(({ labels: [name = ''] }) => name);
}
