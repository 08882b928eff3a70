import { expect, it } from 'vitest';
import { commandsPage } from '../helpers/commands-page.ts';

it('docs/commands.md follows from the definitions: `npm run docs` writes it', async () => {
  await expect(commandsPage()).toMatchFileSnapshot('../../docs/commands.md');
});

it('each link of the page leads to a heading of it', () => {
  const page = commandsPage();
  const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading.replaceAll(' ', '-'));
  for (const [, anchor] of page.matchAll(/\]\(#([^)]*)\)/g)) expect(headings).toContain(anchor);
});
