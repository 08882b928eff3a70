import type { RoleConfig } from './schema.ts';

/** A list of the user's own statements, with its place in the role. */
export interface StatementList {
  /** `['statements']`, `['inlinePolicies', 'Site']` */
  readonly path: readonly string[];
  readonly statements: RoleConfig['statements'];
}

/** All lists of statements that a role of the config has. */
export function statementLists({
  statements,
  inlinePolicies = {},
}: Pick<RoleConfig, 'statements'> & Partial<Pick<RoleConfig, 'inlinePolicies'>>): readonly StatementList[] {
  return [
    { path: ['statements'], statements },
    ...Object.entries(inlinePolicies).map(([name, own]) => ({ path: ['inlinePolicies', name], statements: own })),
  ];
}
