/** An operator that compares strings. */
export interface TextOperator {
  /** Matches if none of its values matches, instead of if one does. */
  readonly negated: boolean;
  /** Whether `*` and `?` are wildcards in its values. */
  readonly wildcards: boolean;
  readonly ignoresCase: boolean;
}

/**
 * Undefined for an operator that does not compare strings. `operator`: as returned by `partsOf`, without its set prefix
 * and `IfExists`
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html).
 */
export function textOperator(operator: string): TextOperator | undefined {
  const [, not, name] = /^string(not)?(equals|equalsignorecase|like)$/.exec(operator) ?? [];
  if (name === undefined) return undefined;
  return { negated: not !== undefined, wildcards: name === 'like', ignoresCase: name === 'equalsignorecase' };
}

/**
 * A value of a string operator as a pattern that matches at least what the value does, since a variable can be
 * anything. `literal` escapes a `*` or `?` that is not a wildcard; `variables`: whether the policy's version supports
 * `${…}` (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html).
 */
export function patternOfValue(
  value: string,
  { wildcards }: TextOperator,
  { variables, literal }: { readonly variables: boolean; readonly literal: (sign: string) => string },
): string {
  const plain = (text: string) => text.replace(/[*?]/g, literal);
  return value
    .split(variables ? /(\$\{[^}]*\})/ : /(?!)/)
    .map((part) => {
      if (!variables || !/^\$\{[^}]*\}$/.test(part)) return wildcards ? part : plain(part);
      // `${*}`, `${?}` and `${$}` stand for the literal characters.
      const sign = /^\$\{([*?$])\}$/.exec(part)?.[1];
      return sign === undefined ? '*' : plain(sign);
    })
    .join('');
}
