import { Writable } from 'node:stream';
import { DEFAULT_COLUMNS } from './io.ts';
import { wantsColor } from './process-io.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: it matches the colours.
const COLOURS = /\u001b\[[0-9;]*m/g;

/**
 * Where questions go: stderr, without the colours of the prompt package if none are wanted. Also for a terminal without
 * a size, as in some containers: the package would put each character on its own line.
 */
export function questionOutput(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  terminal: NodeJS.WriteStream = process.stderr,
): Writable {
  const isPlain = argv.includes('--no-color') || wantsColor(env) === false || env.TERM === 'dumb';
  return isPlain || terminal.columns === 0 ? new Uncoloured(terminal) : terminal;
}

const DEFAULT_ROWS = 24;

/** A terminal of the same size, or of the default size if it has none, until it is destroyed. */
export class Uncoloured extends Writable {
  readonly #terminal: NodeJS.WriteStream;
  readonly #resized = () => this.emit('resize');

  constructor(terminal: NodeJS.WriteStream) {
    super({ decodeStrings: false });
    this.#terminal = terminal;
    terminal.on('resize', this.#resized);
  }

  get columns(): number {
    return this.#terminal.columns || DEFAULT_COLUMNS;
  }

  get rows(): number {
    return this.#terminal.rows || DEFAULT_ROWS;
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#terminal.off('resize', this.#resized);
    done(error);
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.#terminal.write(chunk.replace(COLOURS, ''));
    done();
  }
}
