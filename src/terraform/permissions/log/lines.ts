import { StringDecoder } from 'node:string_decoder';

/**
 * The lines of a stream, without line breaks, as they arrive, since a log may not fit into memory. @throws the stream's
 * errors.
 */
export async function* linesOf(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream) {
    const text = rest + (typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk)));
    const lines = text.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.replace(/\r$/, '');
  }
  const last = rest + decoder.end();
  if (last !== '') yield last;
}
