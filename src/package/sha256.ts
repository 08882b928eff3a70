import { createHash } from 'node:crypto';

/** Base64 of the SHA-256, as Lambda's CodeSha256. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('base64');
}
