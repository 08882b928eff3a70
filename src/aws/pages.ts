import { StrangeAnswer } from './answers.ts';

/** More pages than any list in AWS has: even with the smallest pages, they contain half a million items. */
const MAX_PAGES = 10_000;

/**
 * All pages of a list, fetched sequentially. `send` gets the token of the page, undefined for the first; `nextOf`
 * returns the token of the next page. @throws the errors of `send`, and a StrangeAnswer if pages form a loop or there
 * are more than any list in AWS has.
 */
export async function* pagesOf<P, N>(
  send: (from: N | undefined) => Promise<P>,
  nextOf: (page: P) => N | undefined,
): AsyncGenerator<P, void, undefined> {
  const starts = new Set<string>();
  for (let from: N | undefined; starts.size < MAX_PAGES; ) {
    const page = await send(from);
    yield page;
    from = nextOf(page);
    if (from === undefined) return;
    const start = JSON.stringify(from);
    if (starts.has(start)) throw new StrangeAnswer('a list whose pages repeat');
    starts.add(start);
  }
  throw new StrangeAnswer(`a list of more than ${MAX_PAGES} pages`);
}

/** The items of all pages, in their order. `itemsIn` takes them from a page; none if AWS left the list out. */
export async function itemsOf<P, T>(
  pages: AsyncIterable<P>,
  itemsIn: (page: P) => readonly T[] | undefined,
): Promise<readonly T[]> {
  const items: T[] = [];
  for await (const page of pages) items.push(...(itemsIn(page) ?? []));
  return items;
}

/**
 * The next page's start, for lists that say separately whether they continue. Throws a StrangeAnswer if the start is
 * missing.
 */
export function ifTruncated<N>(truncated: boolean | undefined, next: N | undefined): N | undefined {
  if (truncated !== true) return undefined;
  if (next === undefined) throw new StrangeAnswer('an incomplete list without a next page');
  return next;
}

/** The next page's start, for lists that end with the first page without a token. */
export function tokenOf(token: string | undefined): string | undefined {
  return token ? token : undefined;
}
