import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { describeWith } from './require.ts';
import { Emulator, type Screen, screenText } from './screen.ts';
import { runInTerminal } from './terminal.ts';

async function screenOf(text: string, columns = 10, rows = 4): Promise<Screen> {
  const emulator = new Emulator({ columns, rows }, () => undefined);
  emulator.write(text.replaceAll('\n', '\r\n'));
  const screen = await emulator.screen();
  emulator.close();
  return screen;
}

describe('the screen of a terminal', () => {
  it('shows the result of colours, erased lines and cursor movements', async () => {
    const { rows } = await screenOf('\u001b[32mgreen\u001b[0m\nspinning\r\u001b[Kdone\n');
    expect(rows).toEqual(['green', 'done']);
  });

  it('reports only lines that the terminal had to wrap', async () => {
    expect((await screenOf('0123456789\nshort\na line that is longer\n')).broken).toEqual(['a line that is longer']);
  });

  it('keeps the scrollback apart from what is visible', async () => {
    const screen = await screenOf('1\n2\n3\n4\n5\n');
    expect([screen.rows, screen.scrolledAway]).toEqual([['1', '2', '3', '4', '5'], 2]);
    expect(screenText(screen)).toMatch(/^1\n2\n┄.*┄\n3\n4\n5\n$/);
  });
});

describeWith('script', "a test's terminal", () => {
  const options = { cwd: tmpdir(), env: {} };

  it.each([
    [80, 24],
    [120, 40],
  ])('has %d columns and %d rows', async (columns, rows) => {
    const { code, screen } = await runInTerminal('stty size; exit 7', { ...options, size: { columns, rows } });
    expect([code, screen.rows]).toEqual([7, [`${rows} ${columns}`]]);
  });

  it('receives each input once its prompt is shown', async () => {
    const { shown } = await runInTerminal('echo one; read a; echo two; read b; echo "$a-$b"', {
      ...options,
      typed: [
        [/one/, 'x\r'],
        [/two/, async () => 'y\r'],
      ],
    });
    expect(shown).toMatch(/x-y\n$/);
  });

  it('reports prompts that never appeared', async () => {
    const ran = runInTerminal('echo one', { ...options, typed: [[/two/, 'x\r']] });
    await expect(ran).rejects.toThrow(/never shown: \/two\/[\s\S]*one/);
  });
});
