import type { RoleConfig } from './schema.ts';

/** A list of the user's own statements, with its path in the role. */
export interface StatementList {
  /** `['statements']`, `['inlinePolicies', 'Site']` */
  readonly path: readonly string[];
  readonly statements: RoleConfig['statements'];
}

/** All statement lists of a role in the config. */
export function statementLists({
  statements,
  inlinePolicies = {},
}: Pick<RoleConfig, 'statements'> & Partial<Pick<RoleConfig, 'inlinePolicies'>>): readonly StatementList[] {
  return [
    { path: ['statements'], statements },
    ...Object.entries(inlinePolicies).map(([name, own]) => ({ path: ['inlinePolicies', name], statements: own })),
  ];
}
