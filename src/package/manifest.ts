import { sha256 } from './sha256.ts';
import { manifestOf } from './test-script.ts';

/** The fields of a package.json above a source that the bundler obeys: a change of any other makes no other package. */
const OBEYED = ['name', 'type', 'sideEffects', 'imports', 'exports', 'main', 'browser'];

/** A digest of what the bundler obeys in a package.json; of all of it where it is not JSON, which the build reports. */
export function manifestDigest(text: string): string {
  let manifest: Readonly<Record<string, unknown>>;
  try {
    manifest = manifestOf(text, 'package.json');
  } catch {
    return sha256(text);
  }
  return sha256(JSON.stringify(OBEYED.map((field) => manifest[field] ?? null)));
}
