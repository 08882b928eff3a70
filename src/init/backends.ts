import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { contentOf } from './files.ts';

const TERRAFORM = /\.(tf|tofu)(\.json)?$/;

/** A line or block comment of HCL, or a string, which may look like the start of one. */
const COMMENTS_AND_STRINGS = /"(?:[^"\\\n]|\\.)*"|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

/** Terraform keeps a state in one place: a second `backend` or `cloud` block beside it is an error. */
const HAS_BACKEND = /(^|[\s{])(backend\s*"[^"]*"|cloud)\s*\{/;
const HAS_BACKEND_JSON = /"(backend|cloud)"\s*:/;

/** The Terraform file of a folder that says already where the state is kept, `except` one of that name; undefined for none. */
export async function fileWithBackend(folder: string, except: string): Promise<string | undefined> {
  const names = (await readdir(folder)).filter((name) => TERRAFORM.test(name) && name !== except);
  for (const name of names.sort()) {
    const text = (await contentOf(join(folder, name), name)) ?? '';
    if (name.endsWith('.json') ? HAS_BACKEND_JSON.test(text) : HAS_BACKEND.test(withoutComments(text))) return name;
  }
  return undefined;
}

function withoutComments(text: string): string {
  return text.replace(COMMENTS_AND_STRINGS, (found) => (found.startsWith('"') ? found : ' '));
}
