import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const page = readFileSync(new URL('../../docs/environment.md', import.meta.url), 'utf8');
const root = new URL('../../', import.meta.url);

/** Code in the process of a user's function reads variables that crc sets, as Lambda does. */
const IN_FUNCTION_PROCESS = /^src\/invoke\/runners\//;

/** Files in which `env.NAME` is not a variable of the process. */
const NOT_OF_PROCESS = /^src\/github\/environments\.ts$/;

it.each([...variablesRead()])('docs/environment.md has %s, which %s reads', (name) => {
  const stem = name.replace(/^(AWS_ENDPOINT_URL_)(?!<).+/, '$1<SERVICE>');
  expect(page).toMatch(new RegExp(`\`${stem.replace(/\*$/, '<?[A-Z]*>?')}\``));
});

it('finds variables of each kind', () => {
  const names = [...variablesRead().keys()];
  expect(names).toEqual(
    expect.arrayContaining([
      ...['CI', 'NO_COLOR', 'no_proxy', 'AWS_CONFIG_FILE', 'TF_TOKEN_*', 'npm_config_user_agent'],
      'GITHUB_STEP_SUMMARY',
    ]),
  );
});

it('has no variables that are never read', () => {
  const names = [...page.matchAll(/`([A-Za-z]+_[A-Za-z_]*[A-Za-z])`/g)].map(([, name = '']) => name);
  const all = files().map((path) => readFileSync(new URL(path, root), 'utf8'));
  expect(names.filter((name) => !all.some((text) => text.includes(name)))).toEqual([]);
});

function files(): readonly string[] {
  return ['src', 'bin']
    .flatMap((folder) =>
      readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
    )
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.[jt]s$/.test(path) && !IN_FUNCTION_PROCESS.test(path) && !NOT_OF_PROCESS.test(path));
}

/**
 * Environment variables that crc reads, with a file for each. Finds `env.NAME`, destructuring, names in lists and names
 * after a prefix.
 */
function variablesRead(): ReadonlyMap<string, string> {
  return new Map(
    files().flatMap((path) => {
      const text = withoutComments(readFileSync(new URL(path, root), 'utf8'));
      const listed = /\benv\[[a-z]/.test(text) ? text.matchAll(/'([A-Za-z]+(?:_[A-Za-z]+)*_[A-Za-z]+)'/g) : [];
      const names = [
        ...matches(text.matchAll(/\benv\??\.(\w+)\b(?! = )/g)),
        ...matches(text.matchAll(/\{([^{}()]*)\}(?:: (?:Io\['env'\]|Environment\b)| = (?:\w+\.)?env\b)/g)).flatMap(
          (all) => all.split(/,\s*/),
        ),
        ...matches(listed),
        ...matches(text.matchAll(/\bname\.startsWith\('([A-Z]+_[A-Z_]*_)'\)/g)).map((prefix) => `${prefix}*`),
      ];
      return names
        .map((name) => name.trim())
        .filter(isVariable)
        .map((name) => [name, path] as const);
    }),
  );
}

function withoutComments(code: string): string {
  return code.replace(/^\s*(\/\*\*|\*|\/\/).*$/gm, '');
}

function matches(all: Iterable<RegExpMatchArray>): readonly string[] {
  return [...all].map(([, name = '']) => name);
}

/** Excludes camelCase properties, keys of profiles and names of services in lists. */
function isVariable(name: string): boolean {
  return /^([A-Z][A-Z_\d]*\*?|PSModulePath|[a-z]+_proxy|npm_\w+|TF_CLI_ARGS_init)$/.test(name);
}
