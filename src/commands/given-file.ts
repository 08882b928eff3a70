import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { tooLarge } from '../regular-file.ts';

/**
 * The bytes of a file that the user names. Unlike a file of the project, it may be a pipe: `--token <(…)`.
 * @throws the file system's error, and one like it if there are more than `maxBytes`.
 */
export async function givenFile(path: string, maxBytes: number): Promise<Buffer> {
  return await bytesOf(createReadStream(path), maxBytes);
}

/** Like `givenFile`, for a path relative to `cwd`, or `-` for stdin. */
export async function givenInput(file: string, cwd: string, maxBytes: number): Promise<Buffer> {
  return file === '-' ? await bytesOf(process.stdin, maxBytes) : await givenFile(resolve(cwd, file), maxBytes);
}

/** The bytes of a stream, whose size is not known before its end: a device such as `/dev/zero` has none. */
async function bytesOf(stream: AsyncIterable<Uint8Array | string>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > maxBytes) throw tooLarge('the input');
  }
  return Buffer.concat(chunks);
}
