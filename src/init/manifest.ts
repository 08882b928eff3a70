import { applyEdits, type FormattingOptions, modify } from 'jsonc-parser';

/** What a package.json must contain. */
export interface ManifestNeeds {
  readonly scripts: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export type Manifest = Readonly<Record<string, unknown>>;

/** Where a package.json can list a dependency. */
const DEPENDENCIES = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/** The placeholder that `npm init` writes when there are no tests. */
const NO_TEST = /no test specified/;

/** A package.json with only what is needed. */
export function newManifest({ scripts, devDependencies }: ManifestNeeds): string {
  // In npm's own order, so that a later `npm install` changes only one line.
  const sorted = Object.fromEntries(Object.entries(devDependencies).sort(([a], [b]) => (a < b ? -1 : 1)));
  const own = { private: true, type: 'module', ...(isEmpty(scripts) ? {} : { scripts }), devDependencies: sorted };
  return `${JSON.stringify(own, null, 2)}\n`;
}

/** The text of a package.json with missing entries added, and their names. Existing scripts and versions are kept. */
export function extendedManifest(
  text: string,
  manifest: Manifest,
  needs: ManifestNeeds,
): { readonly text: string; readonly added: readonly string[] } {
  const known = new Set(DEPENDENCIES.flatMap((kind) => Object.keys(objectAt(manifest, kind))));
  const missing = [
    ...Object.entries(needs.scripts)
      .filter(([name]) => !hasScript(manifest, name))
      .map(([name, value]) => ({ path: ['scripts', name], value })),
    ...Object.entries(needs.devDependencies)
      .filter(([name]) => !known.has(name))
      .map(([name, value]) => ({ path: ['devDependencies', name], value })),
  ];
  const formattingOptions = styleOf(text);
  const extended = missing.reduce(
    (now, { path, value }) => applyEdits(now, modify(now, path, value, { formattingOptions })),
    text,
  );
  return { text: extended, added: missing.map(({ path }) => path.at(-1) ?? '') };
}

/** Whether a package has a script with that name, and optionally exactly this command. */
export function hasScript(manifest: Manifest, name: string, line?: string): boolean {
  const script = objectAt(manifest, 'scripts')[name];
  if (typeof script !== 'string' || NO_TEST.test(script)) return false;
  return line === undefined || script === line;
}

function objectAt(manifest: Manifest, key: string): Readonly<Record<string, unknown>> {
  const value = manifest[key];
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

/** The file's own indentation. */
function styleOf(text: string): FormattingOptions {
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? '  ';
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  return { insertSpaces: !indent.startsWith('\t'), tabSize: indent.startsWith('\t') ? 1 : indent.length, eol };
}
