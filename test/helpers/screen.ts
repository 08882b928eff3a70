import headless, { type Terminal } from '@xterm/headless';

/** The size of a terminal, in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The content of a terminal after all escape sequences have been interpreted. */
export interface Screen {
  /** All rows including the scrollback, without trailing spaces and trailing empty rows. */
  readonly rows: readonly string[];
  /** How many of `rows` are in the scrollback. */
  readonly scrolledAway: number;
  /** Lines that were too long for the terminal, each joined from its rows. */
  readonly broken: readonly string[];
}

/** A headless terminal. */
export class Emulator {
  readonly #terminal: Terminal;

  /** `answer` receives the terminal's replies, for example to a request for the cursor position. */
  constructor({ columns, rows }: Size, answer: (text: string) => void) {
    this.#terminal = new headless.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
    this.#terminal.onData(answer);
  }

  write(chunk: string): void {
    this.#terminal.write(chunk);
  }

  /** The screen after everything written so far has been processed. */
  async screen(): Promise<Screen> {
    await new Promise<void>((resolve) => this.#terminal.write('', resolve));
    const { active } = this.#terminal.buffer;
    const rows: string[] = [];
    const broken: string[] = [];
    for (let index = 0; index < active.length; index += 1) {
      const line = active.getLine(index);
      const text = line?.translateToString(true) ?? '';
      if (line?.isWrapped) {
        // A continued row keeps its trailing spaces, because the next row follows directly.
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

/** A screen as text for a snapshot. A line marks where the visible part begins. */
export function screenText({ rows, scrolledAway }: Screen): string {
  const visible = rows.slice(scrolledAway);
  const text = scrolledAway === 0 ? visible : [...rows.slice(0, scrolledAway), FOLD, ...visible];
  return `${text.join('\n')}\n`;
}

const FOLD = '┄┄┄┄ visible without scrolling back ┄┄┄┄';
