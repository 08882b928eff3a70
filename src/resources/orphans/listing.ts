import { taggedArns } from '../../aws/tagged.ts';
import type { Config } from '../../config/schema.ts';
import { enumerated } from '../../enumerated.ts';
import { type Context, contextIn } from '../context.ts';
import { orphanKinds, resourceIds } from '../list.ts';
import { projectTag } from '../tags.ts';
import type { Candidate, KindsInRegion, ListCandidates, OrphanKind } from './kind.ts';

/** A possible orphan, or a failed listing, which may hide more. */
export type Listed = ListedCandidate | ListingFailure;

export interface ListedCandidate extends Candidate {
  readonly kind: OrphanKind;
  readonly region: string;
}

export interface ListingFailure {
  readonly id: string;
  readonly type: string;
  /** For display: what could not be listed. */
  readonly name: string;
  readonly error: unknown;
}

/**
 * Lists possible orphans: two calls if the account fits on one page, and another one if the lock table is in a
 * different region. Never throws errors from AWS.
 */
export async function listOrphans(config: Config, context: Context): Promise<readonly Listed[]> {
  const regions = [...orphanKinds(config, context.place.region)];
  const listings = regions.flatMap(([region, kinds]) => [
    ...[...kinds].flatMap(([kind, named]) =>
      typeof kind.listing === 'function' ? [listedBy(kind.listing, { kind, named, region }, config, context)] : [],
    ),
    listedByTag(region, kinds, config, context),
  ]);
  return (await Promise.all(listings)).flat();
}

async function listedBy(
  list: ListCandidates,
  { kind, named, region }: { readonly kind: OrphanKind; readonly named: ReadonlySet<string>; readonly region: string },
  config: Config,
  context: Context,
): Promise<readonly Listed[]> {
  try {
    const candidates = await list(named, config, contextIn(region, context));
    return candidates.map((candidate) => ({ ...candidate, kind, region }));
  } catch (error) {
    return [failure([kind], '', error)];
  }
}

async function listedByTag(
  region: string,
  kinds: KindsInRegion,
  config: Config,
  context: Context,
): Promise<readonly Listed[]> {
  const tagged = [...kinds].flatMap(([kind, named]) =>
    kind.listing instanceof RegExp ? [{ kind, named, arn: kind.listing }] : [],
  );
  if (tagged.length === 0) return [];
  const isElsewhere = region !== context.place.region;
  try {
    const { clients } = contextIn(region, context);
    await clients.load('tag');
    const arns = await taggedArns(clients, projectTag(config.project));
    const ofConfig = new Set(resourceIds(config));
    // Another region may have a resource with the same name, and a table may have the name of a function, which is the
    // id of that function's own table.
    const idOf = ({ prefix }: OrphanKind, name: string) =>
      isElsewhere || ofConfig.has(`${prefix}/${name}`) ? `${prefix}/${region}/${name}` : `${prefix}/${name}`;
    const candidates = tagged.flatMap(({ kind, named, arn }) =>
      [...new Set(arns.flatMap((text) => arn.exec(text)?.[1] ?? []))]
        .filter((name) => !named.has(name))
        .map((name) => ({ id: idOf(kind, name), name, kind, region })),
    );
    return candidates.sort((a, b) => (a.id < b.id ? -1 : 1));
  } catch (error) {
    const where = isElsewhere ? " in the state bucket's region" : '';
    return [
      failure(
        tagged.map(({ kind }) => kind),
        where,
        error,
      ),
    ];
  }
}

function failure(kinds: readonly OrphanKind[], where: string, error: unknown): ListingFailure {
  // The others of the listing are not reported, so a new kind among them must not change the id.
  const reported = kinds.filter(({ plural }) => plural !== undefined);
  const [{ prefix = '', type = '' } = {}] = reported;
  const plurals = enumerated(reported.flatMap(({ plural }) => plural ?? []));
  return { id: `${prefix}/*`, type, name: `${plurals}${where} that are not in the config`, error };
}
