import { Writable } from 'node:stream';
import { wantsColor } from './process-io.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: the colours themselves.
const COLOURS = /\u001b\[[0-9;]*m/g;

/** Where questions go: stderr, without the colours that the package for prompts paints with where none are wanted. */
export function questionOutput(argv: readonly string[], env: NodeJS.ProcessEnv): Writable {
  const isPlain = argv.includes('--no-color') || wantsColor(env) === false || env.TERM === 'dumb';
  return isPlain ? new Uncoloured(process.stderr) : process.stderr;
}

/** A terminal of the same size, until it is destroyed. */
export class Uncoloured extends Writable {
  readonly #terminal: NodeJS.WriteStream;
  readonly #resized = () => this.emit('resize');

  constructor(terminal: NodeJS.WriteStream) {
    super({ decodeStrings: false });
    this.#terminal = terminal;
    terminal.on('resize', this.#resized);
  }

  get columns(): number {
    return this.#terminal.columns;
  }

  get rows(): number {
    return this.#terminal.rows;
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
