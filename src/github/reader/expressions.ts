import { type Expr, Lexer, Parser } from '@actions/expressions';
import {
  type Binary,
  type ContextAccess,
  type ExprVisitor,
  type FunctionCall,
  type Grouping,
  type IndexAccess,
  type Literal,
  type Logical,
  Star,
  type Unary,
} from '@actions/expressions/ast';
import { type Token, TokenType } from '@actions/expressions/lexer';
import { equals, greaterThan, lessThan } from '@actions/expressions/result';
import { called, entryOf, toData } from './data.ts';
import {
  asText,
  combined,
  EITHER,
  isTrue,
  type Known,
  known,
  OPEN,
  type Possible,
  type Rest,
  soleValue,
  truth,
  union,
} from './possible.ts';

/** What an expression can access. */
export interface Scope {
  /** The value of a context path, in lowercase: `['github', 'event_name']` */
  readonly lookup: (path: readonly string[]) => Possible;
  /** `success`, `failure`, `always` and `cancelled`. */
  readonly status: (name: string) => Possible;
}

const CONTEXTS = [
  'github',
  'env',
  'vars',
  'secrets',
  'inputs',
  'matrix',
  'needs',
  'job',
  'jobs',
  'steps',
  'runner',
  'strategy',
];
const STATUS_FUNCTIONS = ['always', 'success', 'failure', 'cancelled'];
const FUNCTIONS = [
  ...STATUS_FUNCTIONS.map((name) => ({ name, minArgs: 0, maxArgs: 9 })),
  { name: 'hashFiles', minArgs: 1, maxArgs: 99 },
];

/**
 * The possible values of a GitHub Actions expression, without `${{ }}`; unknown for one that GitHub itself rejects.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
 */
export function evaluateExpression(expression: string, scope: Scope): Possible {
  const expr = parsed(expression);
  return expr === undefined ? OPEN : expr.accept<Possible>(new Evaluation(scope));
}

/** One `${{ }}`, which cannot end inside a string. Each character matches in only one way, so it takes linear time. */
const EXPRESSION = /\$\{\{((?:'[^']*'|(?!\}\})[^'])*)\}\}/g;

/** The possible values of a text with its `${{ }}` filled in. A single expression keeps the type of its value. */
export function filledIn(text: string, scope: Scope): Possible {
  const sole = soleExpression(text);
  if (sole !== undefined) return evaluateExpression(sole, scope);
  const parts = partsOf(text).map((part) =>
    part.expression === undefined ? known(part.text) : evaluateExpression(part.expression, scope),
  );
  return combined(parts, (values) => known(values.map(asText).join('')));
}

/**
 * A text with each known `${{ }}` filled in; unknown ones are kept as written, in the caller's text if they are the
 * caller's.
 */
export function filledAsFar(text: string, scope: Scope): string {
  return partsOf(text)
    .map((part) => {
      if (part.expression === undefined) return part.text;
      const possible = evaluateExpression(part.expression, scope);
      const value = soleValue(possible);
      if (value !== undefined) return asText(value);
      return (possible.values.length === 0 ? possible.rest?.written : undefined) ?? part.text;
    })
    .join('');
}

/**
 * The possible values of a text that is filled in where it is written and then passed on by name: an input, an
 * environment variable.
 */
export function passedOn(text: string, scope: Scope): Possible {
  const { values, rest } = filledIn(text, scope);
  return { values, rest: rest === undefined ? undefined : { ...rest, written: filledAsFar(text, scope) } };
}

function partsOf(text: string): readonly { readonly text: string; readonly expression?: string }[] {
  const parts: { text: string; expression?: string }[] = [];
  let at = 0;
  for (const match of text.matchAll(EXPRESSION)) {
    if (match.index > at) parts.push({ text: text.slice(at, match.index) });
    parts.push({ text: match[0], expression: match[1] ?? '' });
    at = match.index + match[0].length;
  }
  if (at < text.length) parts.push({ text: text.slice(at) });
  return parts;
}

/** The expression, without `${{ }}`, if the text consists of exactly one. */
export function soleExpression(text: string): string | undefined {
  const trimmed = text.trim();
  const [only, ...rest] = partsOf(trimmed);
  return rest.length === 0 ? only?.expression?.trim() : undefined;
}

/** Whether an `if:` can be true. Without a status function, it also requires the success of what came before. */
export function condition(text: string, scope: Scope): boolean {
  if (text.trim() === '') return truth(scope.status('success')).canHold;
  // A text with an embedded expression is a non-empty string, which is always true.
  const sole = text.includes('${{') ? soleExpression(text) : text;
  if (sole === undefined) return true;
  const holds = truth(evaluateExpression(sole, scope)).canHold;
  return holds && (asksForStatus(sole) || truth(scope.status('success')).canHold);
}

/** Whether it calls a status function, which looks at what came before. */
function asksForStatus(expression: string): boolean {
  return new RegExp(`\\b(${STATUS_FUNCTIONS.join('|')})\\s*\\(`, 'i').test(expression.replace(/'[^']*'/g, "''"));
}

function parsed(expression: string): Expr | undefined {
  try {
    return new Parser(tokensOf(expression), CONTEXTS, FUNCTIONS).parse();
  } catch {
    // GitHub rejects the workflow too, so there is no value.
    return undefined;
  }
}

/** GitHub treats every doubled quote in a string as one; this lexer only does so for the first. */
export function tokensOf(expression: string): Token[] {
  return new Lexer(expression)
    .lex()
    .tokens.map((token) =>
      token.type === TokenType.STRING ? { ...token, value: token.lexeme.slice(1, -1).replaceAll("''", "'") } : token,
    );
}

class Evaluation implements ExprVisitor<Possible> {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  visitLiteral({ token }: Literal): Possible {
    if (token.type === TokenType.TRUE) return known(true);
    if (token.type === TokenType.FALSE) return known(false);
    return known(token.type === TokenType.NULL ? null : (token.value ?? null));
  }

  visitGrouping({ group }: Grouping): Possible {
    return group.accept<Possible>(this);
  }

  visitUnary({ expr }: Unary): Possible {
    const { canHold, canFail } = truth(expr.accept<Possible>(this));
    return { values: [...(canHold ? [false] : []), ...(canFail ? [true] : [])] };
  }

  visitBinary({ left, operator, right }: Binary): Possible {
    const [a, b] = [left.accept<Possible>(this), right.accept<Possible>(this)];
    const compare = COMPARISONS[operator.type];
    if (compare === undefined) return OPEN;
    const results = union([
      combined([{ values: a.values }, { values: b.values }], ([left = null, other = null]) =>
        known(compare(left, other)),
      ),
      ...(a.rest === undefined ? [] : [comparedRest(a.rest, b, operator.type)]),
      ...(b.rest === undefined ? [] : [comparedRest(b.rest, a, operator.type)]),
    ]);
    return results.rest === undefined ? results : EITHER;
  }

  /** `&&` and `||` return one of their operands, as in JavaScript. */
  visitLogical({ operator, args }: Logical): Possible {
    const isOr = operator.type === TokenType.OR;
    const results: Possible[] = [];
    for (const [index, arg] of args.entries()) {
      const value = arg.accept<Possible>(this);
      if (index === args.length - 1) {
        results.push(value);
        break;
      }
      const { canHold, canFail } = truth(value);
      const stops = value.values.filter((candidate) => isTrue(candidate) === isOr);
      results.push({ values: stops });
      if (value.rest !== undefined) {
        // A string that is false is empty.
        if (isOr) results.push({ values: [], rest: value.rest });
        else if (canFail) results.push({ values: value.rest.prefix === '' ? [''] : [] });
      }
      if (!(isOr ? canFail : canHold)) break;
    }
    return union(results);
  }

  visitContextAccess({ name }: ContextAccess): Possible {
    return this.#scope.lookup([name.lexeme.toLowerCase()]);
  }

  visitIndexAccess(access: IndexAccess): Possible {
    const path = pathOf(access);
    if (path !== undefined) return this.#scope.lookup(path);
    if (access.index instanceof Star) return OPEN;
    const index = access.index.accept<Possible>(this);
    const [before, name] = [pathOf(access.expr), soleValue(index)];
    // `vars[format('ROLE_{0}', matrix.stage)]`
    if (before !== undefined && typeof name === 'string') return this.#scope.lookup([...before, name.toLowerCase()]);
    const object = access.expr.accept<Possible>(this);
    return combined([object, index], ([of = null, at = null]) => known(entryOf(of, at)));
  }

  visitFunctionCall({ functionName, args }: FunctionCall): Possible {
    const name = functionName.lexeme.toLowerCase();
    if (STATUS_FUNCTIONS.includes(name)) return this.#scope.status(name);
    const values = args.map((argument) => argument.accept<Possible>(this));
    const ofRest = restOfFunction(name, values);
    if (ofRest !== undefined) return ofRest;
    const result = combined(values, (all) => called(name, all));
    return result.rest !== undefined && PREDICATES.includes(name) ? EITHER : result;
  }
}

const PREDICATES = ['startswith', 'endswith', 'contains'];

const COMPARISONS: Partial<Record<TokenType, (left: Known, other: Known) => boolean>> = {
  [TokenType.EQUAL_EQUAL]: (a, b) => equals(toData(a), toData(b)),
  [TokenType.BANG_EQUAL]: (a, b) => !equals(toData(a), toData(b)),
  [TokenType.GREATER]: (a, b) => greaterThan(toData(a), toData(b)),
  [TokenType.GREATER_EQUAL]: (a, b) => equals(toData(a), toData(b)) || greaterThan(toData(a), toData(b)),
  [TokenType.LESS]: (a, b) => lessThan(toData(a), toData(b)),
  [TokenType.LESS_EQUAL]: (a, b) => equals(toData(a), toData(b)) || lessThan(toData(a), toData(b)),
};

/** Compares an unknown text with values that it may be known to differ from. */
function comparedRest(rest: Rest, { values, rest: other }: Possible, operator: TokenType): Possible {
  const isEquality = operator === TokenType.EQUAL_EQUAL || operator === TokenType.BANG_EQUAL;
  if (other !== undefined || !isEquality || values.some((value) => canBe(rest, value))) return EITHER;
  return known(operator === TokenType.BANG_EQUAL);
}

function canBe({ prefix, suffix = '', not, notPrefixes }: Rest, value: Known): boolean {
  if (typeof value !== 'string') return prefix === '' && suffix === '';
  const text = value.toLowerCase();
  return (
    text.startsWith(prefix.toLowerCase()) &&
    text.endsWith(suffix.toLowerCase()) &&
    !not.some((excluded) => excluded.toLowerCase() === text) &&
    !notPrefixes.some((excluded) => text.startsWith(excluded.toLowerCase()))
  );
}

/** `startsWith` and `contains` of a text whose start is known; undefined for other functions. */
function restOfFunction(name: string, [of, part]: readonly Possible[]): Possible | undefined {
  const rest = of?.rest;
  const wanted = part?.values[0];
  if (rest === undefined || rest.prefix === '' || of?.values.length !== 0) return undefined;
  if (typeof wanted !== 'string' || part?.values.length !== 1 || part.rest !== undefined) return undefined;
  const [prefix, text] = [rest.prefix.toLowerCase(), wanted.toLowerCase()];
  if (name === 'contains') return prefix.includes(text) ? known(true) : EITHER;
  if (name !== 'startswith') return undefined;
  if (prefix.startsWith(text)) return known(true);
  if (!text.startsWith(prefix)) return known(false);
  return rest.notPrefixes.some((excluded) => text.startsWith(excluded.toLowerCase())) ? known(false) : EITHER;
}

/** `github.event.inputs['stage']` as a path; undefined if a part of it is computed. */
function pathOf(expr: Expr): readonly string[] | undefined {
  const node = expr as Partial<IndexAccess & ContextAccess & Literal>;
  if (node.expr === undefined || node.index === undefined) {
    return node.name === undefined ? undefined : [node.name.lexeme.toLowerCase()];
  }
  const before = pathOf(node.expr);
  const { token } = node.index as Partial<Literal>;
  if (before === undefined || token === undefined) return undefined;
  return [...before, String(token.value ?? token.lexeme).toLowerCase()];
}
