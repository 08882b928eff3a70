import { grant } from '../../aws/actions.ts';
import type { Place } from '../../aws/arns.ts';
import type { Grant } from '../../engine/types.ts';
import { projectTag } from '../tags.ts';
import type { OrphanKinds } from './kind.ts';

interface Where {
  readonly place: Place;
  readonly orphans: OrphanKinds;
}

/** The permissions to find orphans: listing them and reading their tags, but no code, items or logs. */
export function findingOrphans(where: Where): readonly Grant[] {
  return [grant('tag', ['GetResources'], '*'), ...kindsAt(where).flatMap(({ kind, place }) => kind.finding(place))];
}

/** The permissions to delete them: on everything with the project's tag, and nothing else. */
export function removingOrphans({ project, ...where }: Where & { readonly project: string }): readonly Grant[] {
  const { key, value } = projectTag(project);
  const own = (granted: Grant): Grant => ({
    ...granted,
    condition: { StringEquals: { [`aws:ResourceTag/${key}`]: value } },
  });
  return kindsAt(where).flatMap(({ kind, place }) => kind.removing(place, own));
}

function kindsAt({ place, orphans }: Where) {
  return [...orphans].flatMap(([region, kinds]) =>
    [...kinds.keys()].map((kind) => ({ kind, place: { ...place, region } })),
  );
}
