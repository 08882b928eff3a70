import { CrcError } from '../errors.ts';
import { DEFAULT_COLUMNS, type Io } from '../ui/io.ts';
import { helpDocument } from '../ui/json.ts';
import type { HelpOptions } from './definitions/help.ts';
import { commandPage, groupPage, optionsPage, overviewPage } from './help-pages.ts';
import { COMMANDS } from './index.ts';
import { GLOBAL_OPTIONS } from './options.ts';
import { unknownCommand } from './suggestions.ts';

/** Shows the overview, or one page: of a command, or of the options of every command. */
export async function help({ topic: words, json }: HelpOptions, io: Io): Promise<number> {
  const topic = words.length === 0 ? undefined : words.join(' ');
  const columns = io.outColumns ?? DEFAULT_COLUMNS;
  if (topic === undefined) {
    const listed = COMMANDS.filter(({ listing }) => listing === undefined);
    io.out(json ? `${helpDocument({ commands: listed, options: GLOBAL_OPTIONS })}\n` : overviewPage(COMMANDS, columns));
    return 0;
  }
  if (topic === 'options') {
    io.out(json ? `${helpDocument({ commands: [], options: GLOBAL_OPTIONS })}\n` : optionsPage(columns));
    return 0;
  }
  const command = COMMANDS.find(({ name, listing }) => name === topic && listing !== 'none');
  if (command === undefined) {
    const { message, hint } = unknownCommand(topic, COMMANDS);
    throw new CrcError(message, { hint });
  }
  const commands = command.isGroup ? COMMANDS.filter(({ name }) => name.startsWith(`${topic} `)) : [command];
  io.out(
    json
      ? `${helpDocument({ commands, options: GLOBAL_OPTIONS })}\n`
      : command.isGroup
        ? groupPage(command, commands, columns)
        : commandPage(command, columns),
  );
  return 0;
}
