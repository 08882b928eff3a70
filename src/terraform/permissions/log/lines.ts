import { TextDecoder } from 'node:util';
import { encodingOf } from '../../../decoded.ts';
import { tooLarge } from '../../../regular-file.ts';

/** A longer line is not of a log: a device such as `/dev/zero` has no line breaks, and no end. */
const MAX_LINE = 64 * 1024 * 1024;

/**
 * The lines of a stream, without line breaks, as they arrive, since a log may not fit into memory. @throws the stream's
 * errors.
 */
export async function* linesOf(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let rest = '';
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    decoder ??= new TextDecoder(encodingOf(bytes));
    const [first = '', ...more] = decoder.decode(bytes, { stream: true }).split('\n');
    const lines = [rest + first, ...more];
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE) throw tooLarge('the log');
    for (const line of lines) yield line.replace(/\r$/, '');
  }
  const last = rest + (decoder?.decode() ?? '');
  if (last !== '') yield last;
}
