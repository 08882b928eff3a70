import { PassThrough } from 'node:stream';
import { text } from '@clack/prompts';
import { expect, it } from 'vitest';
import { questionOutput, Uncoloured } from '../../src/ui/uncoloured.ts';

/** The parts of a terminal stream that prompts use. */
function fakeTerminal() {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { columns: 80, rows: 24 });
  return { stream: stream as unknown as NodeJS.WriteStream, written: () => String(stream.read() ?? '') };
}

it.each([
  [['--no-color'], {}, true],
  [[], { NO_COLOR: '1' }, true],
  [[], { FORCE_COLOR: '0' }, true],
  [[], { TERM: 'dumb' }, true],
  [[], { TERM: 'xterm' }, false],
])('questions with %j and %j are plain: %s', (argv, env, isPlain) => {
  expect(questionOutput(argv, env) instanceof Uncoloured).toBe(isPlain);
});

it('draws a question without colours, and notices when the terminal is resized', async () => {
  const { stream, written } = fakeTerminal();
  const output = new Uncoloured(stream);
  const input = Object.assign(new PassThrough(), { isTTY: false });
  const answer = text({ message: 'Your name', input: input as never, output });
  expect([output.columns, output.rows, stream.listenerCount('resize')]).toEqual([80, 24, 1]);
  input.write('me\r');
  stream.emit('resize');
  expect(await answer).toBe('me');
  output.destroy();
  const drawn = written();
  expect(drawn).toContain('Your name');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: matches escape sequences.
  expect(drawn).not.toMatch(/\u001b\[[0-9;]*m/);
  expect(stream.listenerCount('resize')).toBe(0);
});

it('assumes 80x24 for a terminal of unknown size, so that words are not wrapped after each letter', async () => {
  const { stream, written } = fakeTerminal();
  Object.assign(stream, { columns: 0, rows: 0 });
  const output = questionOutput([], { TERM: 'xterm' }, stream);
  const input = Object.assign(new PassThrough(), { isTTY: false });
  const answer = text({ message: 'Your name', input: input as never, output });
  input.write('me\r');
  expect(await answer).toBe('me');
  expect(written()).toContain('Your name');
  output.destroy();
});
