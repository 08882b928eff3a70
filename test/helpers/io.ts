import type { Io } from '../../src/ui/io.ts';

/** An Io that keeps what is printed: no terminal, no colours, unless told. */
export function captureIo(with_: Partial<Io> = {}): {
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
    own: { program: 'crc', flags: [] },
    cwd: '/',
    env: {},
  };
  // Not copied by value: some tests give getters, as the process's own Io has them.
  Object.defineProperties(io, Object.getOwnPropertyDescriptors(with_));
  return { io, out: () => out.join(''), err: () => err.join('') };
}
