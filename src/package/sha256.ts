import { createHash } from 'node:crypto';

/** SHA-256 in base64, like Lambda's CodeSha256. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('base64');
}
