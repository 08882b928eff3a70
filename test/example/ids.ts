import { withConnection } from '../../src/commands/frame.ts';
import { jsonText } from '../../src/json.ts';
import { resourceIds } from '../../src/resources/list.ts';
import type { Io } from '../../src/ui/io.ts';
import type { IdsOptions } from './ids-definition.ts';

/** Prints the ids of the resources in the config. Makes no AWS calls. */
export async function ids(options: IdsOptions, io: Io): Promise<number> {
  return await withConnection({ command: 'ids', options, io }, async ({ config }) => {
    const { kind } = options;
    const selected = resourceIds(config).filter((id) => kind === undefined || id.startsWith(`${kind}/`));
    return {
      exitCode: 0,
      document: () => jsonText({ version: 1, command: 'ids', ids: selected }),
      text: () => selected.map((id) => `${id}\n`).join(''),
      asIs: true,
    };
  });
}
