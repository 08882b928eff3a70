import type { Config } from '../config/schema.ts';
import type { Json } from '../json.ts';
import { statementsOf } from '../policies/strangers.ts';
import type { Context } from './context.ts';
import type { PolicyKept } from './dropped-lock-table.ts';
import { type Encryption, refuseEncryption } from './state-bucket/facts.ts';

/**
 * A config that asks for weaker encryption than the bucket has is refused, and the bucket keeps its key. A role that lost its rights on
 * that key could neither read a state nor write one: so its policy is kept, too. Asks nothing where no right on a key is lost.
 */
export function refusedKey({ stateBucket }: Config, want: Encryption, { clients, place }: Context): PolicyKept {
  let looking: Promise<Encryption> | undefined;

  async function look(): Promise<Encryption> {
    const { name, region } = stateBucket;
    const there = clients.inRegion(region);
    await there.load('s3');
    // Rare, and so not part of what every run loads.
    const { liveEncryption } = await import('./state-bucket/live-encryption.ts');
    return await liveEncryption(there.s3, name, { ...place, region });
  }

  return async (live) => {
    const dropped = keysOf(live).filter((key) => key !== want.keyArn);
    if (dropped.length === 0) return undefined;
    // All roles share one look.
    looking ??= look();
    if (refuseEncryption(await looking, want) === undefined) return undefined;
    return `the bucket ${stateBucket.name} is still encrypted with ${dropped.join(', ')}, without which the role can read no state; set that key in the config`;
  };
}

/** The keys that a policy of crc lets Terraform use for states. */
function keysOf(policy: Json): readonly string[] {
  return statementsOf(policy)
    .filter(({ Sid }) => Sid === 'CrcStateKey')
    .flatMap(({ Resource }) => [Resource ?? []].flat().map(String));
}
