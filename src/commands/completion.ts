import { script } from '@bomb.sh/tab';
import { choiceHint } from '../closest.ts';
import { CrcError } from '../errors.ts';
import type { Io } from '../ui/io.ts';
import { completionDocument } from '../ui/json.ts';
import { printed } from '../ui/printed.ts';
import type { CompletionOptions } from './definitions/completion.ts';

const SHELLS: readonly string[] = ['bash', 'zsh', 'fish'];

/** Prints the script that completes crc's command lines in a shell. It calls `crc complete -- WORDS`. */
export async function completion({ shell, json }: CompletionOptions, io: Io): Promise<number> {
  if (!SHELLS.includes(shell)) {
    throw new CrcError(`There is no completion script for "${shell}".`, { hint: choiceHint([shell], SHELLS) });
  }
  const text = scriptOf(shell);
  io.out(json ? `${completionDocument(shell, text)}\n` : text);
  return 0;
}

function scriptOf(shell: string): string {
  const text = printed(() => script(shell, 'crc', 'crc'));
  if (shell !== 'bash') return text;
  return (
    text
      // Another script of the same library, or the same script loaded twice, would fail on a constant that is already
      // defined.
      .replace(/^readonly /gm, '')
      // The words of the command line are passed on unchanged: eval would execute what they contain in $( ) at the Tab
      // key.
      .replace(
        /requestComp="crc complete[\s\S]*?out=\$\(eval .*\)\n/,
        `out=$(crc complete -- "\${words[@]:1}" 2>/dev/null)\n`,
      )
      // Files are completed if crc leaves it to the shell.
      .replace('complete -F ', 'complete -o default -F ')
  );
}
