import headless, { type Terminal } from '@xterm/headless';

/** The size of a terminal, in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What a terminal shows, as a person reads it: colours and movements of the cursor are carried out, not recorded. */
export interface Screen {
  /** Every row since the start, those that scrolled away first. Without trailing spaces, and without the empty rows at the end. */
  readonly rows: readonly string[];
  /** How many of `rows` scrolled away: a person has to scroll back to read them. */
  readonly scrolledAway: number;
  /** The rows that the terminal broke at its edge, joined again: lines that the program did not wrap itself. */
  readonly broken: readonly string[];
}

/** A terminal without a window. */
export class Emulator {
  readonly #terminal: Terminal;

  /** `answer` gets what the terminal replies to a program that asks where the cursor is. */
  constructor({ columns, rows }: Size, answer: (text: string) => void) {
    this.#terminal = new headless.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
    this.#terminal.onData(answer);
  }

  write(chunk: string): void {
    this.#terminal.write(chunk);
  }

  /** What it shows once everything that was written is on the screen. */
  async screen(): Promise<Screen> {
    await new Promise<void>((resolve) => this.#terminal.write('', resolve));
    const { active } = this.#terminal.buffer;
    const rows: string[] = [];
    const broken: string[] = [];
    for (let index = 0; index < active.length; index += 1) {
      const line = active.getLine(index);
      const text = line?.translateToString(true) ?? '';
      if (line?.isWrapped) {
        // A row that is continued keeps its spaces: the next one goes on right behind them.
        const start = active.getLine(index - 1)?.isWrapped
          ? broken.pop()
          : active.getLine(index - 1)?.translateToString();
        broken.push(`${start ?? ''}${text}`);
      }
      rows.push(text);
    }
    const end = rows.findLastIndex((row) => row !== '') + 1;
    return { rows: rows.slice(0, end), scrolledAway: active.baseY, broken };
  }

  close(): void {
    this.#terminal.dispose();
  }
}

/** A screen as a text for a snapshot: a line across shows what a person sees without scrolling back. */
export function screenText({ rows, scrolledAway }: Screen): string {
  const visible = rows.slice(scrolledAway);
  const text = scrolledAway === 0 ? visible : [...rows.slice(0, scrolledAway), FOLD, ...visible];
  return `${text.join('\n')}\n`;
}

const FOLD = '┄┄┄┄ visible without scrolling back ┄┄┄┄';
