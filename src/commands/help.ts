import { CrcError } from '../errors.ts';
import { DEFAULT_COLUMNS, type Io } from '../ui/io.ts';
import type { Command } from './command.ts';
import type { HelpOptions } from './definitions/help.ts';
import { commandPage, groupPage, optionsPage, overviewPage } from './help-pages.ts';
import { GLOBAL_OPTIONS } from './options.ts';

/** Shows the overview, or one page: of a command, of a group, or of the options of every command. */
export function helpOn(all: readonly Command[]) {
  return async ({ topic: words, json }: HelpOptions, io: Io): Promise<number> => {
    const { commands, page } = await topicOf(words.join(' '), all);
    io.out(json ? await documentOf(commands) : await fitted(page, io.outColumns ?? DEFAULT_COLUMNS));
    return 0;
  };
}

interface Topic {
  readonly commands: readonly Command[];
  readonly page: string;
}

async function topicOf(topic: string, all: readonly Command[]): Promise<Topic> {
  if (topic === '') return { commands: all.filter(({ listing }) => listing === undefined), page: overviewPage(all) };
  if (topic === 'options') return { commands: [], page: optionsPage() };
  const command = all.find(({ name, listing }) => name === topic && listing !== 'none');
  if (command === undefined) {
    const { unknownCommand } = await import('./suggestions.ts');
    const { message, hint } = unknownCommand(topic, all);
    throw new CrcError(message, { hint });
  }
  if (!command.isGroup) return { commands: [command], page: commandPage(command) };
  const commands = all.filter(({ name }) => name.startsWith(`${topic} `));
  return { commands, page: groupPage(command, commands) };
}

async function documentOf(commands: readonly Command[]): Promise<string> {
  const { helpDocument } = await import('../ui/json.ts');
  return `${helpDocument({ commands, options: GLOBAL_OPTIONS })}\n`;
}

/** The wrapping code takes longer to load than all of the help, and most pages do not need it. */
async function fitted(page: string, columns: number): Promise<string> {
  if (page.split('\n').every((line) => line.length <= columns)) return page;
  const { wrap } = await import('../ui/wrap.ts');
  return wrap(page, columns);
}
