import { compareVersions } from 'compare-versions';

/**
 * One condition of a version constraint
 * (https://developer.hashicorp.com/terraform/language/expressions/version-constraints).
 */
const CONDITION = /^(>=|<=|!=|~>|>|<|=)?\s*v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/;

/**
 * True if a constraint such as `~> 1.5.0` or `>= 1.2, < 1.10` excludes `minimum` and all later versions. Conditions
 * that cannot be parsed are assumed to allow everything.
 */
export function excludesAllFrom(minimum: string, constraint: string): boolean {
  return constraint.split(',').some((condition) => {
    const [, operator = '=', major, minor, patch] = CONDITION.exec(condition.trim()) ?? [];
    if (major === undefined) return false;
    const version = [major, minor ?? '0', patch ?? '0'].join('.');
    const order = compareVersions(version, minimum);
    if (operator === '=' || operator === '<=') return order < 0;
    if (operator === '<') return order <= 0;
    if (operator !== '~>' || minor === undefined) return false;
    // Only the last given number may increase.
    const next = patch === undefined ? `${Number(major) + 1}.0.0` : `${major}.${Number(minor) + 1}.0`;
    return compareVersions(next, minimum) <= 0;
  });
}
