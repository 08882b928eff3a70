import { CrcError } from '../../../errors.ts';
import type { SourceBlock } from '../../source/parse.ts';
import type { Module } from './module.ts';

/** Providers that only affect AWS and the copy. `builtin` is Terraform itself. */
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

export const BY_LOG =
  'Run Terraform yourself with `TF_LOG_PROVIDER=DEBUG TF_LOG_PATH=terraform.log`, then `crc permissions terraform --log terraform.log`. Delete the log afterwards: it can contain secrets.';

/**
 * Rejects a configuration whose run would reach a service other than the emulator. `lockFile` is Terraform's lock file
 * after `terraform init`, with every provider of the configuration and its modules. @throws CrcError
 */
export function refuseOtherProviders(lockFile: string): void {
  const used = [...lockFile.matchAll(/^provider "(?:[^"/]+\/)?([^"/]+\/[^"/]+)"/gm)].map(([, name = '']) => name);
  const foreign = used.filter((name) => !HARMLESS.includes(name));
  if (foreign.length === 0) return;
  const names = foreign.join(', ');
  throw new CrcError(
    `The configuration also uses ${foreign.length === 1 ? 'the provider' : 'the providers'} ${names}. An apply would change real resources there, so nothing was run.`,
    { hint: BY_LOG },
  );
}

/**
 * Rejects code that Terraform can read but crc cannot, since its effect is unknown. Call this after `terraform init`,
 * which has better error messages. @throws CrcError
 */
export function refuseUnread(modules: readonly Module[]): void {
  const [place] = modules.flatMap(({ unread }) => unread);
  if (place === undefined) return;
  throw new CrcError(`crc cannot read ${place}, so it does not know what the code would access. Nothing was run.`, {
    hint: `Rewrite this part. ${BY_LOG}`,
  });
}

/**
 * Rejects provisioners that connect to a server: an emulator makes up its address, which may belong to someone else.
 */
export function refuseRemoteProvisioners(modules: readonly Module[]): void {
  for (const { blocks } of modules) {
    for (const { type, labels, blocks: inner } of blocks) {
      if (type !== 'resource') continue;
      const remote = provisionersOf(inner).find(isRemote);
      if (remote !== undefined) throw remoteProvisioner(labels.join('.'), remote);
    }
  }
}

export function isRemote(provisioner: string): boolean {
  return provisioner === 'remote-exec' || provisioner === 'file';
}

/** The error for a provisioner that connects to a server. */
export function remoteProvisioner(address: string, name: string): CrcError {
  return new CrcError(
    `${address} has a provisioner "${name}", which connects to a server. In the sandbox its address is made up and may belong to someone else, so nothing was applied.`,
    { hint: BY_LOG },
  );
}

/** Addresses of resources and data sources that run local commands. */
export function commandsOf(modules: readonly Module[]): readonly string[] {
  return modules.flatMap(({ blocks }) =>
    blocks.flatMap(({ type, labels, blocks: inner }) => {
      const runs =
        (type === 'resource' && provisionersOf(inner).includes('local-exec')) ||
        (type === 'data' && labels[0] === 'external');
      return runs ? [type === 'data' ? `data.${labels.join('.')}` : labels.join('.')] : [];
    }),
  );
}

function provisionersOf(blocks: readonly SourceBlock[]): readonly string[] {
  return blocks.filter(({ type }) => type === 'provisioner').map(({ labels: [name = ''] }) => name);
}
