import fc from 'fast-check';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { describe, expect, it } from 'vitest';
import type { Status } from '../../src/engine/types.ts';
import { CrcError } from '../../src/errors.ts';
import type { Json } from '../../src/json.ts';
import type { RoleVerdict } from '../../src/trust/role-verdict.ts';
import { annotations } from '../../src/ui/annotations.ts';
import { explainDocument, explainText } from '../../src/ui/explain.ts';
import { commandLine, harmless } from '../../src/ui/io.ts';
import { errorDocument, invokeDocument, planDocument, removalDocument } from '../../src/ui/json.ts';
import { planMarkdown } from '../../src/ui/markdown.ts';
import { outputLines, outputsText, variableLines, variablesOf } from '../../src/ui/outputs.ts';
import { planText, reportText } from '../../src/ui/plan.ts';
import { removalOutcomeText, removalText } from '../../src/ui/removal.ts';
import { answerText, smokeText } from '../../src/ui/smoke.ts';
import { errorText, headText, outcomeText } from '../../src/ui/text.ts';
import type { ExplainedFinding } from '../../src/ui/view.ts';
import { hostile, PIECES, unsafeOutput, workflowCommands } from '../helpers/hostile.ts';

/** Returns the next value of a repeatable sequence. */
type Next = () => string;

const STATUSES: readonly Status[] = ['in-sync', 'absent', 'drifted', 'conflict', 'unread'];

const run = (next: Next) => ({
  command: 'verify',
  accountId: next(),
  region: next(),
  apiCalls: { read: 1, write: 0 },
  durationMs: 1,
});

function document(next: Next): Json {
  return {
    Statement: [
      {
        Sid: next(),
        Effect: next(),
        Action: [next(), next()],
        NotResource: next(),
        Principal: { [next()]: [next()] },
        Condition: { [next()]: { [next()]: [next(), next()] } },
      },
    ],
  };
}

function error(next: Next): CrcError {
  const issues = [{ path: next(), message: next() }];
  return new CrcError(next(), { hint: next(), details: [next()], issues });
}

function findings(next: Next): readonly ExplainedFinding[] {
  return STATUSES.map((status) => ({
    id: `role/${next()}`,
    type: 'AWS::IAM::Role',
    name: next(),
    status,
    needs: [],
    actions: { read: [], write: [], remove: [] },
    changes: [
      { kind: 'update', path: `tags.${next()}`, live: next(), want: [next(), { [next()]: next() }], why: next() },
      { kind: 'update', path: 'trust', live: document(next), want: document(next), why: next() },
      { kind: 'remove', path: 'inlinePolicies', live: next(), want: null },
      { kind: 'conflict', path: next(), live: next(), want: null, why: next() },
    ],
    warnings: [next()],
    adoptable: false,
    error: status === 'unread' ? error(next) : undefined,
    want: [
      { path: next(), value: next() },
      { path: 'policy', value: document(next) },
    ],
    brief: { [next()]: next() },
    notes: [next()],
    irreversible: [next()],
    exposures: [next()],
  }));
}

const outcomes = (next: Next) => [
  { id: next(), outcome: 'failed' as const, error: error(next) },
  { id: next(), outcome: 'not-started' as const },
];

const removals = (next: Next) =>
  (['goes', 'stays', 'held', 'absent', 'unread'] as const).map((what) => ({
    id: next(),
    type: next(),
    name: next(),
    what,
    why: next(),
    notes: [next()],
    error: error(next),
  }));

const smoke = (next: Next) => ({
  functionName: next(),
  mode: 'remote' as const,
  ok: false,
  lines: [next(), next()],
  log: '',
});

function roles(next: Next): readonly RoleVerdict[] {
  const condition = { operator: next(), key: next(), wanted: [next()], value: next() };
  const cause = {
    id: 'fork',
    message: next(),
    cause: next(),
    fix: next(),
    command: next(),
    namesContext: true,
  } as const;
  return [
    {
      name: next(),
      arn: next(),
      inConfig: true,
      exists: true,
      verdict: 'cannot',
      subjects: [true, false].map((expected): RoleVerdict['subjects'][number] => ({
        subject: next(),
        form: 'custom',
        formDoubt: false,
        job: next(),
        event: next(),
        file: next(),
        byPolicy: true,
        evaluation: undefined,
        expected,
        doubt: next(),
        verdict: 'cannot',
        decision: { statement: next(), condition },
        causes: [cause],
      })),
      warnings: [next()],
      hidden: next(),
    },
  ];
}

const addresses = (next: Next) => [
  { label: next(), path: ['roles', next()], variable: [next()], value: next() },
  { label: next(), path: [next()], value: next() },
];

const TEXTS: Readonly<Record<string, (next: Next, color: boolean) => string>> = {
  head: (next, color) => headText(run(next), color),
  plan: (next, color) => planText(findings(next), { color }),
  'plan with details': (next, color) => planText(findings(next), { color, details: true }),
  report: (next, color) => reportText(findings(next), { color }),
  outcomes: (next, color) => outcomeText(outcomes(next), color),
  error: (next, color) => errorText(error(next), color),
  removal: (next, color) => removalText(removals(next), color),
  'removal outcomes': (next, color) => removalOutcomeText(outcomes(next), { color, interrupted: false }),
  'smoke test': (next, color) => smokeText(smoke(next), color),
  explain: (next, color) => explainText(run(next), roles(next), [next()], color),
  outputs: (next, color) => outputsText(addresses(next), color),
  'lines for gh': (next) =>
    variableLines([{ name: next(), value: next() }, ...variablesOf(addresses(next))], [next()]).join('\n'),
  'lines for GITHUB_OUTPUT': (next) => outputLines([{ name: next(), value: next() }]),
};

const DOCUMENTS: Readonly<Record<string, (next: Next) => string>> = {
  plan: (next) => planDocument(run(next), 'changes', findings(next), outcomes(next)),
  error: (next) => errorDocument(next(), error(next)),
  removal: (next) => removalDocument(run(next), 'changes', removals(next), outcomes(next)),
  invoke: (next) =>
    invokeDocument(run(next), {
      functionName: next(),
      mode: 'remote',
      ok: true,
      statusCode: 200,
      body: next(),
      functionError: next(),
      log: next(),
    }),
  explain: (next) => explainDocument(run(next), roles(next), [next()]),
};

/** Cycles through the values and appends a number, so that all results differ. */
function series(values: readonly string[]): Next {
  let index = 0;
  return () => {
    index += 1;
    return `${values[index % values.length]} ${index}`;
  };
}

const HARMLESS = ['v'];
const values = fc.array(hostile, { minLength: 1, maxLength: 5 });
const lines = (text: string) => text.split('\n').length;

describe.each(Object.entries(TEXTS))('the text of %s', (_, render) => {
  it('has the same lines and colours as with plain values, and no workflow commands', () => {
    fc.assert(
      fc.property(values, fc.boolean(), (rawValues, color) => {
        const text = render(series(rawValues), color);
        expect(unsafeOutput(text, { color })).toEqual([]);
        expect(lines(text)).toBe(lines(render(series(HARMLESS), color)));
        const gated = harmless(text, { color, actions: true });
        expect([workflowCommands(gated), lines(gated)]).toEqual([[], lines(text)]);
      }),
      { numRuns: 25 },
    );
  });
});

describe.each(Object.entries(DOCUMENTS))('the document of %s', (_, render) => {
  it('is JSON, contains the values unchanged, and is not changed by the last gate', () => {
    fc.assert(
      fc.property(values, (rawValues) => {
        const text = render(series(rawValues));
        expect([unsafeOutput(text), workflowCommands(text)]).toEqual([[], []]);
        expect(harmless(text, { color: false, actions: true })).toBe(text);
        expect(() => JSON.parse(text)).not.toThrow();
      }),
      { numRuns: 25 },
    );
  });
});

describe('a body or a log', () => {
  it('keeps its number of lines, each of them marked', () => {
    fc.assert(
      fc.property(hostile, (body) => {
        const text = answerText('200', `first\n${body}\nlast`);
        const [status, ...rest] = text.split('\n');
        expect([status, rest.every((line) => line.startsWith('| ')), unsafeOutput(text)]).toEqual(['200', true, []]);
        const log = smokeText({ ...smoke(series(HARMLESS)), log: `first\n${body}` }, false);
        expect([
          log
            .split('\n')
            .slice(3)
            .every((line) => line.startsWith('  | ')),
          unsafeOutput(log),
        ]).toEqual([true, []]);
      }),
    );
  });

  it('of one line is shown unchanged', () => {
    expect(answerText('200', '{"Id": "cv", "VisitTotal": 1}\n')).toBe('200\n{"Id": "cv", "VisitTotal": 1}');
    expect(answerText('500', '')).toBe('500');
  });
});

describe('annotations', () => {
  it('have the same number as with plain values, each on one line', () => {
    fc.assert(
      fc.property(values, (rawValues) => {
        const rendered = annotations(findings(series(rawValues))).map(commandLine);
        expect(rendered).toHaveLength(annotations(findings(series(HARMLESS))).length);
        for (const line of rendered) {
          expect(line).toMatch(/^::(warning|error) title=[^:,\n]*::[^\n]*$/);
          expect(unsafeOutput(line)).toEqual([]);
        }
      }),
    );
  });
});

describe('the report in Markdown', () => {
  const html = (text: string) =>
    micromark(text, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true });
  /**
   * HTML elements, without those in code and without the comments that crc uses to break URLs, which GitHub removes.
   */
  const elements = (text: string) =>
    html(text)
      .replaceAll('<!-- -->', '')
      .match(/<\/?(?!code\b)[a-z][^>]*>/gi);

  it('has the same elements as with plain values: no link, no image, no HTML, no foreign row', () => {
    fc.assert(
      fc.property(values, (rawValues) => {
        const text = planMarkdown(run(series(rawValues)), findings(series(rawValues)));
        expect(unsafeOutput(text)).toEqual([]);
        expect(elements(text)).toEqual(elements(planMarkdown(run(series(HARMLESS)), findings(series(HARMLESS)))));
      }),
      { numRuns: PIECES.length + 10, examples: PIECES.map((piece) => [[piece]]) },
    );
  });

  it('is parsed like on GitHub, so that unescaped values would be found', () => {
    expect(elements('see https://evil.com me@evil.com <b>x</b>')).toEqual(
      expect.arrayContaining(['<a href="https://evil.com">', '<a href="mailto:me@evil.com">', '<b>']),
    );
  });
});
