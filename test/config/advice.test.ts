import fc from 'fast-check';
import { applyEdits, findNodeAtLocation, modify, parseTree } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { CrcError, type Issue } from '../../src/errors.ts';
import { BAD_CONFIGS, KEY_ARN } from '../helpers/bad-configs.ts';
import { exampleConfig, type LooseConfig } from '../helpers/configs.ts';

function issuesOf(text: string): readonly Issue[] {
  try {
    parseConfig(text, 'crc.config.json');
    return [];
  } catch (error) {
    if (!(error instanceof CrcError)) throw error;
    return error.issues ?? [];
  }
}

/** `roles[0].trust` as a path of jsonc-parser. */
function segmentsOf(path: string): (string | number)[] {
  return [...path.matchAll(/([\w$-]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/g)].map(
    ([, key, index, quoted]) => key ?? (quoted === undefined ? Number(index) : JSON.parse(`"${quoted}"`)),
  );
}

/**
 * The config after the user has followed an issue's advice. Undefined if the message suggests no value, key or
 * location.
 */
function followed(text: string, { path, message }: Issue): string | undefined {
  const at = segmentsOf(path);
  const edited = (where: (string | number)[], value: unknown) => applyEdits(text, modify(text, where, value, {}));
  const value = () => {
    const node = findNodeAtLocation(parseTree(text) ?? { type: 'null', offset: 0, length: 0 }, at);
    return node === undefined ? undefined : JSON.parse(text.slice(node.offset, node.offset + node.length));
  };
  const [, key] = /^is (?:an unknown key|not a condition operator of IAM); did you mean "(.+)"\?$/.exec(message) ?? [];
  const [, shorter] = /^cannot end with IfExists; write "(.+)"$/.exec(message) ?? [];
  const [, moved, place] = /^is an unknown key here; "(.+)" belongs (?:in (\S+)|at the top level)/.exec(message) ?? [];
  const [, quoted] = /(?:write|did you mean|for example) "((?:[^"\\]|\\.)*)"/.exec(message) ?? [];
  const [, example] = /^is required, for example (.+)$/.exec(message) ?? [];
  const [, algorithm] = /write "(\S+)" as the algorithm/.exec(message) ?? [];
  const removed = () => edited(at, undefined);
  const setValue = (where: (string | number)[], value: unknown) =>
    applyEdits(removed(), modify(removed(), where, value, {}));
  const renamed = key ?? shorter;
  if (renamed !== undefined) return setValue([...at.slice(0, -1), renamed], value());
  if (moved !== undefined) return setValue([...segmentsOf((place ?? '').replaceAll('[]', '[0]')), moved], value());
  if (algorithm !== undefined) return edited([...at.slice(0, -1), 'algorithm'], algorithm);
  if (example !== undefined) return edited(at, JSON.parse(example));
  return quoted === undefined ? undefined : edited(at, JSON.parse(`"${quoted}"`));
}

/** The issues that remain after their own advice was followed. */
function refusedAdvice(config: LooseConfig): readonly Issue[] {
  const text = JSON.stringify(config, null, 2);
  return issuesOf(text).flatMap((issue) => {
    const after = followed(text, issue);
    return after === undefined ? [] : issuesOf(after).filter(({ path }) => path === issue.path);
  });
}

/** Text properties of a config, and how to set them. */
const TEXTS: readonly (readonly [path: string, put: (config: LooseConfig, text: string) => void])[] = [
  ['region', (config, text) => Object.assign(config, { region: text })],
  ['project', (config, text) => Object.assign(config, { project: text })],
  ['accountId', (config, text) => Object.assign(config, { accountId: text })],
  ['tags', (config, text) => Object.assign(config, { tags: { [text]: text } })],
  ['stateBucket.name', ({ stateBucket }, text) => Object.assign(stateBucket, { name: text })],
  ['stateBucket.encryption', ({ stateBucket }, text) => Object.assign(stateBucket.encryption, { algorithm: text })],
  ['lockTable.name', ({ lockTable }, text) => Object.assign(lockTable, { name: text })],
  ['oidcProvider.url', ({ oidcProvider }, text) => Object.assign(oidcProvider, { url: text })],
  ['oidcProvider.audiences', ({ oidcProvider }, text) => Object.assign(oidcProvider, { audiences: [text] })],
  ['oidcProvider.thumbprints', ({ oidcProvider }, text) => Object.assign(oidcProvider, { thumbprints: [text] })],
  ['roles[0].name', ({ roles }, text) => Object.assign(roles[0], { name: text })],
  ['roles[0].policyName', ({ roles }, text) => Object.assign(roles[0], { policyName: text })],
  ['roles[0].trust.repository', ({ roles }, text) => Object.assign(roles[0].trust, { repository: text })],
  ['roles[0].trust.subjects', ({ roles }, text) => Object.assign(roles[0].trust, { subjects: [text] })],
  ['roles[0].state[0].key', ({ roles }, text) => Object.assign(roles[0].state[0], { key: text })],
  ['roles[0].crc', ({ roles }, text) => Object.assign(roles[0], { crc: [text] })],
  ['functions[0].name', ({ functions }, text) => Object.assign(functions[0], { name: text })],
  ['functions[0].source', ({ functions }, text) => Object.assign(functions[0], { source: text })],
  ['functions[0].runtime', ({ functions }, text) => Object.assign(functions[0], { runtime: text })],
  ['functions[0].handler', ({ functions }, text) => Object.assign(functions[0], { handler: text })],
  ['functions[0].environment', ({ functions }, text) => Object.assign(functions[0], { environment: { [text]: '' } })],
  ['functions[0].table.name', ({ functions }, text) => Object.assign(functions[0].table, { name: text })],
  [
    'functions[0].url.cors.allowOrigins',
    ({ functions }, text) => Object.assign(functions[0].url.cors, { allowOrigins: [text] }),
  ],
  [
    'functions[0].url.cors.allowMethods',
    ({ functions }, text) => Object.assign(functions[0].url.cors, { allowMethods: [text] }),
  ],
];

/** What users might write, more or less correctly, for a name, subject, key or URL. */
const plausibleText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        ...['My', 'bucket', '_', '-', '.', '/', ':', ' ', '*', '${x}', '12', '..', 'EU', 'west', 'é', '\u200b', '@'],
        ...['ref', 'refs', 'heads', 'tags', 'main', 'environment', 'env', 'branch', 'pull', 'https://', 'xn--', '-an'],
        ...['github.com', 'nodejs', 'python3', '.x', 'index', 'handler', 'GET', '123456789012', '-s3alias', 'arn:aws'],
      ),
      { minLength: 1, maxLength: 8 },
    )
    .map((parts) => parts.join('')),
);

describe('the advice of an issue is never rejected itself', () => {
  it.each(BAD_CONFIGS.map(([path, , change], index) => [`${index} ${path}`, change] as const))('%s', (_, change) => {
    const config = exampleConfig();
    change(config);
    expect(refusedAdvice(config)).toEqual([]);
  });

  it.each(TEXTS)('whatever the text at %s', (_, put) => {
    fc.assert(
      fc.property(plausibleText, (text) => {
        const config = exampleConfig();
        put(config, text);
        expect(refusedAdvice(config)).toEqual([]);
      }),
    );
  });

  it('whatever key is used', () => {
    const parents: readonly ((config: LooseConfig) => LooseConfig)[] = [
      (config) => config,
      ({ stateBucket }) => stateBucket,
      ({ lockTable }) => lockTable,
      ({ roles }) => roles[0],
      ({ roles }) => roles[0].trust,
      ({ functions }) => functions[0],
      ({ functions }) => functions[0].url,
    ];
    const known = [
      'memoryMb',
      'accountId',
      'subjects',
      'logRetentionDays',
      'region',
      'keyArn',
      'cors',
      'statements',
      'source',
    ];
    const key = fc.oneof(
      fc.constantFrom(...known),
      fc.constantFrom(...known).map((key) => key.toUpperCase()),
      fc.tuple(fc.constantFrom(...known), fc.nat(5)).map(([key, at]) => key.slice(0, at) + key.slice(at + 1)),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.constantFrom(...parents), key, fc.jsonValue(), (place, name, value) => {
        const config = exampleConfig();
        Object.assign(place(config), { [name]: value });
        expect(refusedAdvice(config)).toEqual([]);
      }),
    );
  });

  it('applies advice of each kind', () => {
    const doing = (message: string, path: string) =>
      JSON.parse(followed(JSON.stringify({ ...exampleConfig(), memoryMB: 1 }), { path, message }) ?? '{}');
    expect(doing('is an unknown key; did you mean "a"?', 'memoryMB').a).toBe(1);
    expect(doing('is an unknown key here; "memoryMb" belongs in functions[]', 'memoryMB').functions[0].memoryMb).toBe(
      1,
    );
    expect(doing(`is an alias; write the ARN, for example "${KEY_ARN}"`, 'stateBucket.name').stateBucket.name).toBe(
      KEY_ARN,
    );
    expect(doing('is required, for example ["a"]', 'functions').functions).toEqual(['a']);
  });
});
