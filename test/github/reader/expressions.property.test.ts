import { data, Evaluator, Parser } from '@actions/expressions';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  condition,
  evaluateExpression,
  filledAsFar,
  filledIn,
  type Scope,
  tokensOf,
} from '../../../src/github/reader/expressions.ts';
import { type Known, known, OPEN, type Possible, soleValue } from '../../../src/github/reader/possible.ts';

const VALUES: Readonly<Record<string, readonly string[]>> = {
  'github.ref': ['refs/heads/main', 'refs/heads/x', 'refs/tags/v1'],
  'github.event_name': ['push', 'pull_request'],
  'inputs.stage': ['', 'dev', 'prod'],
  'needs.test.result': ['success', 'failure'],
};
const PATHS = Object.keys(VALUES);
const TEXTS = ['refs/heads/main', 'refs/heads/', 'refs/tags/', 'push', 'PUSH', 'prod', 'dev', '', '1', "it''s"];

const leaf = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...PATHS) },
  { weight: 3, arbitrary: fc.constantFrom(...TEXTS).map((text) => `'${text}'`) },
  fc.constantFrom('true', 'false', 'null', '0', '1', '2.5'),
);
const expression: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc
      .tuple(tie('value'), fc.constantFrom('&&', '||', '==', '!=', '<', '>='), tie('value'))
      .map(([a, by, b]) => `(${a} ${by} ${b})`),
    tie('value').map((operand) => `!${operand}`),
    fc
      .tuple(fc.constantFrom('startsWith', 'endsWith', 'contains'), tie('value'), tie('value'))
      .map(([name, a, b]) => `${name}(${a}, ${b})`),
    tie('value').map((operand) => `format('a-{0}', ${operand})`),
    fc.constantFrom(
      `fromJSON('["dev","prod"]')[1]`,
      `join(fromJSON('["a","b"]'), '-')`,
      `contains(fromJSON('["push"]'), github.event_name)`,
    ),
  ),
})).value;

/** The result of GitHub's own evaluator when all contexts are known. */
function gitHubs(text: string, contexts: Readonly<Record<string, string>>): Known {
  const root = new data.Dictionary();
  for (const [path, value] of Object.entries(contexts)) {
    let at = root;
    const keys = path.split('.');
    for (const key of keys.slice(0, -1)) {
      const inner = at.get(key);
      const next = inner instanceof data.Dictionary ? inner : new data.Dictionary();
      if (next !== inner) at.add(key, next);
      at = next;
    }
    at.add(keys.at(-1) ?? '', new data.StringData(value));
  }
  const result = new Evaluator(new Parser(tokensOf(text), ['github', 'inputs', 'needs'], []).parse(), root).evaluate();
  return JSON.parse(JSON.stringify(result, data.replacer));
}

const scopeOf = (contexts: Readonly<Record<string, Possible>>): Scope => ({
  lookup: (path) => contexts[path.join('.')] ?? OPEN,
  status: () => ({ values: [true, false] }),
});

const allows = ({ values, rest }: Possible, value: Known) =>
  values.some((possible) => JSON.stringify(possible) === JSON.stringify(value)) ||
  (rest !== undefined &&
    (typeof value !== 'string' ||
      (value.startsWith(rest.prefix) &&
        !rest.not.includes(value) &&
        !rest.notPrefixes.some((prefix) => value.startsWith(prefix)))));

const contexts = fc.record(Object.fromEntries(PATHS.map((path) => [path, fc.constantFrom(...(VALUES[path] ?? []))])));

describe('expressions', () => {
  it("have the value of GitHub's evaluator if everything is known", () => {
    fc.assert(
      fc.property(expression, contexts, (text, values) => {
        const all = Object.fromEntries(Object.entries(values).map(([path, value]) => [path, known(value)]));
        expect(soleValue(evaluateExpression(text, scopeOf(all)))).toEqual(gitHubs(text, values));
      }),
      { numRuns: 2_000 },
    );
  });

  it("can have any value that GitHub's evaluator may return if some of it is unknown", () => {
    const partlyKnown = fc.record(
      Object.fromEntries(PATHS.map((path) => [path, fc.constantFrom('known', 'one of', 'open', 'prefix')])),
    );
    fc.assert(
      fc.property(expression, contexts, partlyKnown, (text, values, how) => {
        const all = Object.fromEntries(
          Object.entries(values).map(([path, value]): [string, Possible] => {
            if (how[path] === 'known') return [path, known(value)];
            if (how[path] === 'one of') return [path, { values: VALUES[path] ?? [] }];
            if (how[path] === 'open' || !value.startsWith('refs/heads/')) return [path, OPEN];
            return [
              path,
              { values: [], rest: { prefix: 'refs/heads/', not: ['refs/heads/zz'], notPrefixes: ['refs/heads/y'] } },
            ];
          }),
        );
        expect(allows(evaluateExpression(text, scopeOf(all)), gitHubs(text, values))).toBe(true);
      }),
      { numRuns: 4_000 },
    );
  });

  const scope = scopeOf({
    'github.event_name': known('push'),
    'github.ref': known('refs/heads/main'),
    'matrix.stage': known('dev'),
    'matrix.target': known({ stage: 'prod', list: [1, 2] }),
  });

  it.each<[string, Possible]>([
    ["github.event_name == 'PUSH'", known(true)],
    ["github['ref'] == 'refs/heads/main' && 'a' || 'b'", known('a')],
    ["inputs.x && 'a' || 'b'", { values: ['a', 'b'] }],
    ['false && inputs.x', known(false)],
    ["fromJSON('[1]')[0]", known(1)],
    ["fromJSON('no JSON')", OPEN],
    ['1 ==', OPEN],
    ['matrix.target', known({ stage: 'prod', list: [1, 2] })],
    ["format('{0}-{1}', matrix.stage, github.event_name)", known('dev-push')],
    ['hashFiles(github.ref)', OPEN],
  ])('%s', (text, expected) => {
    expect(evaluateExpression(text, scope)).toEqual(expected);
  });

  it('in a text are replaced if they are known', () => {
    expect(filledIn('a-${{ matrix.stage }}-b', scope)).toEqual(known('a-dev-b'));
    expect(filledIn('a-${{ vars.A }}', scope)).toEqual(OPEN);
    expect(filledAsFar('a-${{ matrix.stage }}-${{ vars.A }}', scope)).toBe('a-dev-${{ vars.A }}');
    expect(filledIn("${{ '}}' }}", scope)).toEqual(known('}}'));
    expect(evaluateExpression("'a''b''c' == 'a''b''c'", scope)).toEqual(known(true));
  });

  it.each([
    ['', true],
    ['always()', true],
    ["github.event_name == 'push'", true],
    ["${{ github.event_name == 'pull_request' }}", false],
    // A string that contains an expression is truthy.
    ["${{ github.event_name == 'pull_request' }} && true", true],
    ['vars.X', true],
    ['false', false],
  ])('as a condition: %j', (text, holds) => {
    expect(condition(text, scope)).toBe(holds);
  });
});
