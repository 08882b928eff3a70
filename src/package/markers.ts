import { compareVersions, validate } from 'compare-versions';

/**
 * Whether a PEP 508 marker is true on Lambda (`sys_platform == "win32"`). True if it is not understood: requesting an
 * unneeded package is noticed, omitting a needed one is not. https://peps.python.org/pep-0508/#environment-markers
 */
export function markerHolds(marker: string, runtime: string): boolean {
  const tokens = marker.match(/\(|\)|"[^"]*"|'[^']*'|[<>=!~]=?=?|[\w.]+/g) ?? [];
  const reader = { tokens, at: 0 };
  const holds = either(reader, environmentOf(runtime));
  return holds === undefined || reader.at < tokens.length ? true : holds;
}

function environmentOf(runtime: string): Readonly<Record<string, string>> {
  const version = /^python([\d.]+)$/.exec(runtime)?.[1] ?? '';
  return {
    os_name: 'posix',
    sys_platform: 'linux',
    platform_system: 'Linux',
    platform_python_implementation: 'CPython',
    implementation_name: 'cpython',
    python_version: version,
    python_full_version: `${version}.0`,
    implementation_version: `${version}.0`,
    extra: '',
  };
}

interface Reader {
  readonly tokens: readonly string[];
  at: number;
}

type Environment = Readonly<Record<string, string>>;

/** Undefined if not understood. */
type Truth = boolean | undefined;

function either(reader: Reader, environment: Environment): Truth {
  let left = both(reader, environment);
  while (reader.tokens[reader.at] === 'or') {
    reader.at += 1;
    const right = both(reader, environment);
    left = left === true || right === true ? true : left === undefined || right === undefined ? undefined : false;
  }
  return left;
}

function both(reader: Reader, environment: Environment): Truth {
  let left = single(reader, environment);
  while (reader.tokens[reader.at] === 'and') {
    reader.at += 1;
    const right = single(reader, environment);
    left = left === false || right === false ? false : left === undefined || right === undefined ? undefined : true;
  }
  return left;
}

function single(reader: Reader, environment: Environment): Truth {
  if (reader.tokens[reader.at] === '(') {
    reader.at += 1;
    const inner = either(reader, environment);
    if (reader.tokens[reader.at] !== ')') return undefined;
    reader.at += 1;
    return inner;
  }
  const left = value(reader, environment);
  const operator = operatorOf(reader);
  const right = value(reader, environment);
  return left === undefined || right === undefined ? undefined : compared(left, operator, right);
}

function operatorOf(reader: Reader): string {
  const first = reader.tokens[reader.at] ?? '';
  const isNotIn = first === 'not' && reader.tokens[reader.at + 1] === 'in';
  reader.at += isNotIn ? 2 : 1;
  return isNotIn ? 'not in' : first;
}

function value(reader: Reader, environment: Environment): string | undefined {
  const token = reader.tokens[reader.at] ?? '';
  reader.at += 1;
  return /^["']/.test(token) ? token.slice(1, -1) : environment[token];
}

function compared(left: string, operator: string, right: string): Truth {
  if (operator === 'in') return right.includes(left);
  if (operator === 'not in') return !right.includes(left);
  const wildcard = /^(.*)\.\*$/.exec(right)?.[1];
  if (wildcard !== undefined && (operator === '==' || operator === '!=')) {
    return (left === wildcard || left.startsWith(`${wildcard}.`)) === (operator === '==');
  }
  if (!validate(left) || !validate(right)) {
    return operator === '==' ? left === right : operator === '!=' ? left !== right : undefined;
  }
  const order = compareVersions(left, right);
  if (operator === '~=') return order >= 0 && left.startsWith(`${right.split('.').slice(0, -1).join('.')}`);
  const holds: Readonly<Record<string, boolean>> = {
    '==': order === 0,
    '===': left === right,
    '!=': order !== 0,
    '<': order < 0,
    '<=': order <= 0,
    '>': order > 0,
    '>=': order >= 0,
  };
  return holds[operator];
}
