import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { demoPictures } from '../../scripts/demo-picture.mjs';
import { ROOT } from '../helpers/pages.ts';
import { describeWith } from '../helpers/require.ts';

describeWith(['moto', 'script'], 'the pictures of docs/', () => {
  it('show what crc demo prints now (if not: npm run build && npm run picture), and are small', async () => {
    const pictures = await demoPictures();
    const checkedIn = Object.keys(pictures).map(
      (name) => [name, readFileSync(join(ROOT, 'docs', name), 'utf8')] as const,
    );
    expect(Object.fromEntries(checkedIn)).toEqual(pictures);
    expect(checkedIn.filter(([, picture]) => picture.length > 40_000)).toEqual([]);
  });
});
