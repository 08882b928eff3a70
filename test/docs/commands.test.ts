import { expect, it } from 'vitest';
import { commandsPage } from '../helpers/commands-page.ts';

it('docs/commands.md follows from the definitions: `npm run docs` writes it', async () => {
  await expect(commandsPage()).toMatchFileSnapshot('../../docs/commands.md');
});
