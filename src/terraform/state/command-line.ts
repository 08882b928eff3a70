import { shellWord } from '../../shell.ts';
import { DEFAULT_WORKSPACE, type StateName } from './place.ts';

/** A command for a state, in backticks, ready for pasting into a shell: `crc state restore KEY '~1' --workspace W` */
export function stateCommand(
  verb: 'diff' | 'history' | 'restore' | 'unlock',
  { key, workspace }: StateName,
  ...words: readonly string[]
): string {
  const flags = workspace === DEFAULT_WORKSPACE ? [] : ['--workspace', workspace];
  return `\`crc state ${verb} ${[key, ...words, ...flags].map(shellWord).join(' ')}\``;
}
