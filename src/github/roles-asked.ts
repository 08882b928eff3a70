import { rolesOfRepository, type Trust } from '../policies/trust.ts';
import { causeOf, type FoundCause } from '../trust/causes/index.ts';
import type { Login } from './reader/logins.ts';

/** A role of the config, as far as it matters here. */
interface KnownRole {
  readonly name: string;
  readonly trust: Trust;
}

export interface RoleQuestion {
  readonly roles: readonly KnownRole[];
  readonly repository: string;
  /** Roles that the user asks for; undefined: all. */
  readonly chosen: readonly string[] | undefined;
  readonly arnOf: (name: string) => string;
}

/** The roles that a login asks for. */
export interface RolesAsked {
  readonly names: readonly string[];
  /** It asks for one of them, or for another one: which is only known during the run. */
  readonly isOpen: boolean;
  /** What keeps it from asking at all. */
  readonly blocked: readonly FoundCause[];
}

const TOKEN_CAUSES = {
  missing: 'id-token-missing',
  replaced: 'id-token-replaced',
  'of-caller': 'id-token-of-caller',
  refused: 'id-token-refused',
} as const;

/** By `role-to-assume`, as far as it is known before the run. */
export function rolesAsked(
  { job, token, role }: Login,
  { roles, repository, chosen, arnOf }: RoleQuestion,
): RolesAsked {
  const blocked = token.state === 'granted' ? [] : [causeOf(TOKEN_CAUSES[token.state], { job: token.job })];
  const ofRepository = rolesOfRepository(roles, repository).map(({ name }) => name);
  const all = chosen ?? (ofRepository.length > 0 ? ofRepository : roles.map(({ name }) => name));
  if (role.filled === '') {
    const value = role.written === '' ? 'not set' : role.written;
    return {
      names: all.slice(0, 1),
      isOpen: false,
      blocked: [...blocked, causeOf('role-variable-empty', { job, value })],
    };
  }
  // The account may be a variable, and the role's name still written out.
  const name = /(?::role\/(?:.*\/)?|^)([\w+=,.@-]+)$/.exec(role.filled)?.[1];
  if (name === undefined) return { names: all, isOpen: true, blocked };
  const notArn = role.filled.includes(':role/') ? [] : [causeOf('role-not-arn', { job, roleArn: arnOf(name) })];
  const wanted = chosen === undefined || chosen.includes(name);
  return { names: wanted ? [name] : [], isOpen: false, blocked: [...blocked, ...notArn] };
}
