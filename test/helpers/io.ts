import type { Io } from '../../src/ui/io.ts';

/** An Io that captures output. By default it has no terminal and no colours. */
export function captureIo(overrides: Partial<Io> = {}): {
  readonly io: Io;
  readonly out: () => string;
  readonly err: () => string;
} {
  const out: string[] = [];
  const err: string[] = [];
  const io: Io = {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    command: (line) => err.push(`${line}\n`),
    color: false,
    live: false,
    interactive: false,
    outColumns: undefined,
    errColumns: undefined,
    own: { program: 'crc', update: 'npm install -g crc-bootstrap@latest', flags: [] },
    cwd: '/',
    env: {},
  };
  // Copied with their getters, which some tests define, because the process's own Io has getters too.
  Object.defineProperties(io, Object.getOwnPropertyDescriptors(overrides));
  return { io, out: () => out.join(''), err: () => err.join('') };
}
