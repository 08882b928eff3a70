import { expect, it } from 'vitest';
import { commandsPage } from '../helpers/commands-page.ts';

it('docs/commands.md is generated from the definitions by `npm run docs`', async () => {
  await expect(commandsPage()).toMatchFileSnapshot('../../docs/commands.md');
});

it('each link of the page points to one of its headings', () => {
  const page = commandsPage();
  const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading.replaceAll(' ', '-'));
  for (const [, anchor] of page.matchAll(/\]\(#([^)]*)\)/g)) expect(headings).toContain(anchor);
});
