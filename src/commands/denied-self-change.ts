import type { Config } from '../config/schema.ts';
import { roleOf } from '../policies/role-name.ts';
import type { Denial } from '../trust/denials.ts';
import { changesItself } from '../trust/denied.ts';

const NO_STATEMENT =
  'crc prints no statement for that: a job that can change its own role controls the account. Change the role with `crc bootstrap`, as a person.';

/** Why no statement is printed, and what to do instead. */
export interface Refusal {
  readonly cause: string;
  readonly fix: string;
}

/**
 * The statement that would let a role change its own permissions, or those of another role in the config: a job would
 * then control the account.
 */
export function selfChange(denial: Denial, roles: Config['roles']): Refusal | undefined {
  const { principal, action, resource } = denial;
  if (changesItself(denial)) {
    return { cause: 'The role tries to change what it may do itself.', fix: NO_STATEMENT };
  }
  const caller = roleOf(principal);
  const isOfConfig = caller !== undefined && roles.some(({ name }) => name === caller);
  if (principal !== '' && !isOfConfig) return undefined;
  const changed = roles.find(({ name, path = '/' }) =>
    changesItself({ principal: `arn:aws:iam:::role${path}${name}`, action, resource }),
  );
  if (changed === undefined) return undefined;
  return isOfConfig
    ? {
        cause: `The role tries to change what ${changed.name} may do, a role that jobs have too.`,
        fix: NO_STATEMENT,
      }
    : {
        cause: `AWS does not say who called, and the call can change what ${changed.name} may do, a role that jobs have.`,
        fix: `${NO_STATEMENT} If your own \`crc bootstrap\` was denied, \`crc permissions bootstrap\` prints what it needs.`,
      };
}

/** Without a config, crc does not know the roles of jobs: what to watch out for, as a sentence. */
export function selfChangeWarning({ principal, action, resource }: Denial): string | undefined {
  // Checked as if the changed role were the caller, which any caller may be.
  const changed = resource === undefined || roleOf(resource) === undefined ? 'arn:aws:iam:::role/any' : resource;
  if (principal !== '' || !changesItself({ principal: changed, action, resource })) return undefined;
  return 'AWS does not say who called. Do not add this to a role that it can change: a job that can change its own role controls the account.';
}
