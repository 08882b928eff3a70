import { shellWord } from '../../shell.ts';
import { DEFAULT_WORKSPACE, type StateName } from './place.ts';

/** A command on a state, in backticks, to be pasted into a shell: `crc state restore KEY '~1' --workspace W` */
export function stateCommand(
  verb: 'diff' | 'history' | 'restore' | 'unlock',
  { key, workspace }: StateName,
  ...words: readonly string[]
): string {
  const flags = workspace === DEFAULT_WORKSPACE ? [] : ['--workspace', workspace];
  return `\`crc state ${verb} ${[key, ...words, ...flags].map(shellWord).join(' ')}\``;
}
