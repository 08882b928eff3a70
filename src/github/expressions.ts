import { type Expr, Lexer, Parser } from '@actions/expressions';
import type {
  Binary,
  ContextAccess,
  ExprVisitor,
  FunctionCall,
  Grouping,
  IndexAccess,
  Literal,
  Logical,
  Unary,
} from '@actions/expressions/ast';
import { type Token, TokenType } from '@actions/expressions/lexer';

/** The value of an expression is not known before the run. */
export const UNKNOWN: unique symbol = Symbol('not known before the run');

type Known = string | number | boolean | null;

export type Value = Known | typeof UNKNOWN;

/** What a name of a context stands for, by its path in lowercase: `github.event_name`, `matrix.stage` */
export type Lookup = (path: string) => Value;

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
const FUNCTIONS = [
  ...['always', 'success', 'failure', 'cancelled'].map((name) => ({ name, minArgs: 0, maxArgs: 9 })),
  { name: 'hashFiles', minArgs: 1, maxArgs: 99 },
];

/**
 * The value of an expression of GitHub Actions, without `${{ }}`, as far as it is known before the run
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/expressions). What GitHub itself would refuse is
 * not known.
 */
export function evaluateExpression(expression: string, lookup: Lookup): Value {
  const expr = parsed(expression);
  return expr === undefined ? UNKNOWN : expr.accept<Value>(new Evaluation(lookup));
}

/** What an expression may turn out to be: the texts that its `&&` and `||` choose from. */
export function possibilities(expression: string, lookup: Lookup): readonly string[] {
  const expr = parsed(expression);
  return expr === undefined ? [] : [...new Set(outcomes(expr, lookup))];
}

/** A text with `${{ }}` in it, filled in; UNKNOWN if any of them is. */
export function filledIn(text: string, lookup: Lookup): string | typeof UNKNOWN {
  let unknown = false;
  const filled = text.replace(/\$\{\{([\s\S]*?)\}\}/g, (_, expression: string) => {
    const value = evaluateExpression(expression, lookup);
    unknown ||= value === UNKNOWN;
    return value === null || value === UNKNOWN ? '' : String(value);
  });
  return unknown ? UNKNOWN : filled;
}

/** The only expression that a text consists of, without `${{ }}`. */
export function soleExpression(text: string): string | undefined {
  return /^\s*\$\{\{((?:(?!\}\})[\s\S])*)\}\}\s*$/.exec(text)?.[1]?.trim();
}

function parsed(expression: string): Expr | undefined {
  try {
    return new Parser(tokensOf(expression), CONTEXTS, FUNCTIONS).parse();
  } catch {
    // GitHub refuses the workflow too; what is asked here has no answer.
    return undefined;
  }
}

/** GitHub takes each doubled quote in a string for one; this lexer does so with the first alone. */
export function tokensOf(expression: string): Token[] {
  return new Lexer(expression)
    .lex()
    .tokens.map((token) =>
      token.type === TokenType.STRING ? { ...token, value: token.lexeme.slice(1, -1).replaceAll("''", "'") } : token,
    );
}

/** `&&` and `||` give one of their sides, as in JavaScript. */
function outcomes(expr: Expr, lookup: Lookup): readonly string[] {
  const value = expr.accept<Value>(new Evaluation(lookup));
  if (value !== UNKNOWN) return value === null || value === '' || value === false ? [] : [String(value)];
  const node = expr as Partial<Logical & Grouping>;
  if (node.group !== undefined) return outcomes(node.group, lookup);
  if (node.args === undefined || node.operator === undefined) return [];
  const isOr = node.operator.type === TokenType.OR;
  return (isOr ? node.args : node.args.slice(-1)).flatMap((one) => outcomes(one, lookup));
}

class Evaluation implements ExprVisitor<Value> {
  readonly #lookup: Lookup;

  constructor(lookup: Lookup) {
    this.#lookup = lookup;
  }

  visitLiteral({ token }: Literal): Value {
    if (token.type === TokenType.TRUE) return true;
    if (token.type === TokenType.FALSE) return false;
    return token.type === TokenType.NULL ? null : (token.value ?? null);
  }

  visitGrouping({ group }: Grouping): Value {
    return group.accept<Value>(this);
  }

  visitUnary({ expr }: Unary): Value {
    const value = expr.accept<Value>(this);
    return value === UNKNOWN ? UNKNOWN : !isTrue(value);
  }

  visitBinary({ left, operator, right }: Binary): Value {
    const a = left.accept<Value>(this);
    const b = right.accept<Value>(this);
    if (a === UNKNOWN || b === UNKNOWN) return UNKNOWN;
    if (operator.type === TokenType.EQUAL_EQUAL) return isSame(a, b);
    if (operator.type === TokenType.BANG_EQUAL) return !isSame(a, b);
    return UNKNOWN;
  }

  visitLogical({ operator, args }: Logical): Value {
    const stopsAt = operator.type === TokenType.OR;
    let last: Value = null;
    let unknown = false;
    for (const one of args) {
      const value = one.accept<Value>(this);
      if (value === UNKNOWN) {
        unknown = true;
        continue;
      }
      last = value;
      // A false part of a conjunction decides, whatever the unknown ones are; of a disjunction only one before them.
      if (isTrue(value) === stopsAt && (!unknown || !stopsAt || value === true)) return value;
    }
    return unknown ? UNKNOWN : last;
  }

  visitContextAccess({ name }: ContextAccess): Value {
    return this.#lookup(name.lexeme.toLowerCase());
  }

  visitIndexAccess(access: IndexAccess): Value {
    const path = pathOf(access);
    return path === undefined ? UNKNOWN : this.#lookup(path.toLowerCase());
  }

  visitFunctionCall({ functionName, args }: FunctionCall): Value {
    const name = functionName.lexeme.toLowerCase();
    if (name === 'always' || name === 'success') return true;
    if (name === 'failure' || name === 'cancelled') return false;
    const [text, part] = args.map((one) => one.accept<Value>(this));
    if (typeof text !== 'string' || typeof part !== 'string') return UNKNOWN;
    const [whole, piece] = [text.toLowerCase(), part.toLowerCase()];
    if (name === 'startswith') return whole.startsWith(piece);
    if (name === 'endswith') return whole.endsWith(piece);
    return name === 'contains' ? whole.includes(piece) : UNKNOWN;
  }
}

/** `github.event.inputs['stage']` as a path; undefined when a part of it is computed. */
function pathOf(expr: Expr): string | undefined {
  const node = expr as Partial<IndexAccess & ContextAccess & Literal>;
  if (node.expr === undefined || node.index === undefined) return node.name?.lexeme;
  const before = pathOf(node.expr);
  const { token } = node.index as Partial<Literal>;
  return before === undefined || token === undefined ? undefined : `${before}.${String(token.value ?? token.lexeme)}`;
}

function isTrue(value: Known): boolean {
  return value !== false && value !== 0 && value !== '' && value !== null;
}

/** Texts are compared without regard to case, different kinds as numbers. */
function isSame(a: Known, b: Known): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a.toLowerCase() === b.toLowerCase();
  return typeof a === typeof b ? a === b : Number(a) === Number(b);
}
