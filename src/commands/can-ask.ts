import { type Io, isCi } from '../ui/io.ts';
import type { GlobalOptions } from './options.ts';

/** Whether crc can prompt: in a terminal, not in CI, and not when a program reads the output. */
export function canAsk(io: Io, { json = false }: Pick<GlobalOptions, 'json'>): boolean {
  return io.interactive && !isCi(io.env) && !json;
}
