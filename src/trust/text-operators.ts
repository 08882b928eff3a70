/** An operator that compares texts. */
export interface TextOperator {
  /** It lets in what fits none of its values, instead of what fits one. */
  readonly negated: boolean;
  /** `*` and `?` are wildcards in its values. */
  readonly wildcards: boolean;
  readonly ignoresCase: boolean;
}

/**
 * Undefined for an operator that does not compare texts. `operator`: as `partsOf` gives it, without its set and its `IfExists`
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html).
 */
export function textOperator(operator: string): TextOperator | undefined {
  const [, not, name] = /^string(not)?(equals|equalsignorecase|like)$/.exec(operator) ?? [];
  if (name === undefined) return undefined;
  return { negated: not !== undefined, wildcards: name === 'like', ignoresCase: name === 'equalsignorecase' };
}

/**
 * A value of a text operator as a pattern, which takes in at least what the value does: a variable can be anything. `literal`
 * writes a `*` or `?` that is no wildcard; `variables`: the policy has the version in which `${…}` is one
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html).
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
      // `${*}`, `${?}` and `${$}` stand for the signs themselves.
      const sign = /^\$\{([*?$])\}$/.exec(part)?.[1];
      return sign === undefined ? '*' : plain(sign);
    })
    .join('');
}
