import { describe, expect, it } from 'vitest';
import { StrangeAnswer } from '../../src/aws/answers.ts';
import { ifTruncated, itemsOf, pagesOf, tokenOf } from '../../src/aws/pages.ts';

interface Page {
  readonly items: readonly number[];
  readonly next?: string;
}

async function items(send: (from: string | undefined) => Page): Promise<readonly number[]> {
  const pages = pagesOf(
    async (from?: string) => send(from),
    ({ next }) => tokenOf(next),
  );
  return await itemsOf(pages, (page) => page.items);
}

describe('pages of a list', () => {
  it('are requested sequentially until the last one', async () => {
    const pages: Readonly<Record<string, Page>> = {
      '': { items: [1, 2], next: 'b' },
      b: { items: [3], next: 'c' },
      c: { items: [4], next: '' },
    };
    expect(await items((from = '') => pages[from] ?? { items: [] })).toEqual([1, 2, 3, 4]);
  });

  it('may lack their list: AWS leaves some empty lists out', async () => {
    const pages = pagesOf(
      async (from?: string): Promise<Partial<Page>> => (from === undefined ? { next: 'b' } : { items: [1] }),
      ({ next }) => next,
    );
    expect(await itemsOf(pages, (page) => page.items)).toEqual([1]);
  });

  it.each<readonly [string, (from: string | undefined) => string]>([
    ['the same again', () => 'a'],
    ['each other', (from) => (from === 'a' ? 'b' : 'a')],
  ])('that lead back to %s do not come from AWS', async (_, next) => {
    let sent = 0;
    const endless = items((from) => {
      sent += 1;
      return { items: [], next: next(from) };
    });
    await expect(endless).rejects.toThrow(StrangeAnswer);
    expect(sent).toBeLessThan(4);
  });

  it('that never end do not come from AWS', async () => {
    let sent = 0;
    await expect(
      items(() => {
        sent += 1;
        return { items: [], next: String(sent) };
      }),
    ).rejects.toThrow('a list of more than 10000 pages');
  });

  it('must include a token if they continue', () => {
    expect(ifTruncated(true, 'a')).toBe('a');
    expect(ifTruncated(false, 'a')).toBeUndefined();
    expect(() => ifTruncated(true, undefined)).toThrow(StrangeAnswer);
  });
});

it('no other code in crc reads pages', async () => {
  const { readdirSync, readFileSync } = await import('node:fs');
  const src = new URL('../../src/', import.meta.url);
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && file !== 'aws/pages.ts')
    .filter((file) => /^import [^;]*\bpaginate[A-Z]\w*/m.test(readFileSync(new URL(file, src), 'utf8')));
  expect(files).toEqual([]);
});
