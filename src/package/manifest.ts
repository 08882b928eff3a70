import { sha256 } from './sha256.ts';
import { manifestOf } from './test-script.ts';

/** The fields of a parent package.json that affect the bundle. Changes to any other field do not. */
const OBEYED = ['name', 'type', 'sideEffects', 'imports', 'exports', 'main', 'browser'];

/**
 * A digest of the fields in a package.json that affect the bundle; of the whole text if it is not JSON, which the build
 * reports.
 */
export function manifestDigest(text: string): string {
  let manifest: Readonly<Record<string, unknown>>;
  try {
    manifest = manifestOf(text, 'package.json');
  } catch {
    return sha256(text);
  }
  return sha256(JSON.stringify(OBEYED.map((field) => manifest[field] ?? null)));
}
