import { rolesOfRepository, type Trust } from '../policies/trust.ts';
import { causeOf, type FoundCause } from '../trust/causes/index.ts';
import type { Login } from './reader/logins.ts';

/** The parts of a role in the config that matter here. */
interface KnownRole {
  readonly name: string;
  readonly trust: Trust;
}

export interface RoleQuestion {
  readonly roles: readonly KnownRole[];
  readonly repository: string;
  /** The roles that the user selected; undefined for all. */
  readonly chosen: readonly string[] | undefined;
  readonly arnOf: (name: string) => string;
}

/** The roles that a login requests. */
export interface RequestedRoles {
  readonly names: readonly string[];
  /** It may request any of them or a different one; this is only known during the run. */
  readonly isOpen: boolean;
  /** What prevents it from requesting a role at all. */
  readonly blocked: readonly FoundCause[];
}

const TOKEN_CAUSES = {
  missing: 'id-token-missing',
  replaced: 'id-token-replaced',
  'of-caller': 'id-token-of-caller',
  refused: 'id-token-refused',
} as const;

/** From `role-to-assume`, as far as it is known before the run. */
export function requestedRoles(
  { job, token, role }: Login,
  { roles, repository, chosen, arnOf }: RoleQuestion,
): RequestedRoles {
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
  // The role's name may be literal even if the account is a variable.
  const name = /(?::role\/(?:.*\/)?|^[\w+=,.@/-]*\/|^)([\w+=,.@-]+)$/.exec(role.filled)?.[1];
  if (name === undefined) return { names: all, isOpen: true, blocked };
  const notArn = role.filled.includes(':role/') ? [] : [causeOf('role-not-arn', { job, roleArn: arnOf(name) })];
  const wanted = chosen === undefined || chosen.includes(name);
  return { names: wanted ? [name] : [], isOpen: false, blocked: [...blocked, ...notArn] };
}
