import { CrcError } from '../../../errors.ts';
import type { SourceBlock } from '../../source/parse.ts';
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
  const foreign = used.filter((name) => !HARMLESS.includes(name));
  if (foreign.length === 0) return;
  const names = foreign.join(', ');
  throw new CrcError(
    `The configuration also uses ${foreign.length === 1 ? 'the provider' : 'the providers'} ${names}. An apply would change real resources there, so nothing was run.`,
    { hint: BY_LOG },
  );
}

/**
 * Refuses code that crc cannot read and Terraform can: what it does is not known then. Call it after `terraform init`, whose words on a
 * mistake are better. Throws a CrcError.
 */
export function refuseUnread(modules: readonly Module[]): void {
  const [place] = modules.flatMap(({ unread }) => unread);
  if (place === undefined) return;
  throw new CrcError(`crc cannot read ${place}, so it does not know what the code would access. Nothing was run.`, {
    hint: `Rewrite this part. ${BY_LOG}`,
  });
}

/** Refuses provisioners that connect to a server: an emulator invents its address, which may be another owner's. */
export function refuseRemoteProvisioners(modules: readonly Module[]): void {
  for (const { blocks } of modules) {
    for (const { type, labels, blocks: inner } of blocks) {
      if (type !== 'resource') continue;
      const remote = provisionersOf(inner).find((name) => name === 'remote-exec' || name === 'file');
      if (remote === undefined) continue;
      throw new CrcError(
        `${labels.join('.')} has a provisioner "${remote}", which connects to a server. In the sandbox its address is made up and may belong to someone else, so nothing was run.`,
        { hint: BY_LOG },
      );
    }
  }
}

/** Addresses of resources and data sources that run commands on this machine. */
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
