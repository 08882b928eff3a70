import type { Config } from '../config/schema.ts';
import type { Json } from '../json.ts';
import { statementsOf } from '../policies/strangers.ts';
import type { Context } from './context.ts';
import type { PolicyKept } from './dropped-lock-table.ts';
import { type Encryption, refuseEncryption } from './state-bucket/facts.ts';

/**
 * Keeps a role's policy as long as the bucket keeps its key because weaker encryption is refused. Without permissions
 * on that key, the role could neither read nor write states. Sends nothing if the role would not lose permissions on a
 * key.
 */
export function refusedKey({ stateBucket }: Config, want: Encryption, { clients, place }: Context): PolicyKept {
  let reading: Promise<Encryption> | undefined;

  async function read(): Promise<Encryption> {
    const { name, region } = stateBucket;
    const regional = clients.inRegion(region);
    await regional.load('s3');
    // Loaded only here, since it is rarely needed.
    const { liveEncryption } = await import('./state-bucket/live-encryption.ts');
    return await liveEncryption(regional.s3, name, { ...place, region });
  }

  return async (live) => {
    const dropped = keysOf(live).filter((key) => key !== want.keyArn);
    if (dropped.length === 0) return undefined;
    // All roles share one read.
    reading ??= read();
    if (refuseEncryption(await reading, want) === undefined) return undefined;
    return `the bucket ${stateBucket.name} is still encrypted with ${dropped.join(', ')}, without which the role can read no state; set that key in the config`;
  };
}

/** ARNs of the keys that crc's statement in a policy allows for states. */
function keysOf(policy: Json): readonly string[] {
  return statementsOf(policy)
    .filter(({ Sid }) => Sid === 'CrcStateKey')
    .flatMap(({ Resource }) => [Resource ?? []].flat().map(String));
}
