import { compareVersions } from 'compare-versions';

/** One condition of Terraform (https://developer.hashicorp.com/terraform/language/expressions/version-constraints). */
const CONDITION = /^(>=|<=|!=|~>|>|<|=)?\s*v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/;

/**
 * True when a constraint such as `~> 1.5.0` or `>= 1.2, < 1.10` lets no version in that is `minimum` or later. Conditions that
 * cannot be read are taken to let all in.
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
    // The last number that is written may rise, and no other.
    const next = patch === undefined ? `${Number(major) + 1}.0.0` : `${major}.${Number(minor) + 1}.0`;
    return compareVersions(next, minimum) <= 0;
  });
}
