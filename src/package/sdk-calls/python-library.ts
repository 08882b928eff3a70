import { onlyOf } from './approximation.ts';
import type { SourceText } from './call.ts';
import type { Value } from './python-members.ts';
import { creatorOf } from './python-sdk.ts';
import type { Arguments, PythonNode } from './python-tree.ts';

/** Functions that describe a field of a class: of dataclasses, Pydantic and attrs. */
const FIELD = /^(dataclasses\.field|pydantic\.Field|attrs?\.(field|ib|attrib))$/;

/** A default of attrs that is created for each instance. */
const FACTORY = /^attrs?\.Factory$/;

/** Whether it is the function that returns another one with some of its arguments. */
export function isPartialFunction(value: Value): boolean {
  return value.kind === 'library' && value.path === 'functools.partial';
}

/** How a call looks up the values that it depends on. */
interface Values {
  of(node: PythonNode): readonly Value[];
  text(node: PythonNode | undefined): SourceText | undefined;
  called(value: Value, given: Arguments): readonly Value[];
}

/** What a function of a library returns, as far as SDK calls depend on it. */
export function libraryCall(path: string, given: Arguments, values: Values): readonly Value[] {
  const { positional, named } = given;
  const [first, second] = positional;
  if (path === 'os.environ.get' || path === 'os.getenv') {
    const variable = constantOf(values.text(first));
    if (variable === undefined) return [];
    return withDefault([{ kind: 'text', text: { variable } }], second ?? named.default, values) ?? [];
  }
  if (FACTORY.test(path)) return created(first ?? named.factory, values);
  if (FIELD.test(path)) {
    const standard = named.default ?? first;
    return [
      ...created(named.default_factory ?? named.factory, values),
      ...(standard === undefined ? [] : values.of(standard)),
    ];
  }
  const creator = creatorOf(path);
  if (creator === undefined) return [{ kind: 'library', path: `${path}()` }];
  const service = constantOf(values.text(first ?? named.service_name));
  if (service === undefined) return [];
  return [
    creator === 'client'
      ? { kind: 'client', service }
      : { kind: 'resource', service, type: undefined, identifiers: [] },
  ];
}

/** A factory is called without arguments. */
function created(factory: PythonNode | undefined, values: Values): readonly Value[] {
  if (factory === undefined) return [];
  return values.of(factory).flatMap((value) => values.called(value, { positional: [], named: {} }));
}

/** `os.environ.get('TABLE_NAME') or 'Visits'` is one text. */
export function withDefault(
  possible: readonly Value[],
  standard: PythonNode | undefined,
  values: Pick<Values, 'text'>,
): readonly Value[] | undefined {
  const only = onlyOf(possible);
  if (only?.kind !== 'text' || !('variable' in only.text)) return undefined;
  const text = values.text(standard);
  if (standard === undefined) return possible;
  return text !== undefined && 'value' in text
    ? [{ kind: 'text', text: { variable: only.text.variable, otherwise: text.value } }]
    : [];
}

export function constantOf(text: SourceText | undefined): string | undefined {
  return text !== undefined && 'value' in text ? text.value : undefined;
}
