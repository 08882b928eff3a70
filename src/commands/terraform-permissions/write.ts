import { readFile, realpath } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { choiceHint } from '../../closest.ts';
import { parseConfig } from '../../config/parse.ts';
import { roleWarnings } from '../../config/role-warnings.ts';
import type { Config } from '../../config/schema.ts';
import { isWrittenFor, originOf, withOrigin, withStatements } from '../../config/write-statements.ts';
import { Cancelled, CrcError } from '../../errors.ts';
import { writeFiles } from '../../init/write-files.ts';
import { asJson } from '../../policies/canonical.ts';
import type { Statement } from '../../policies/document.ts';
import { managedPoliciesOf } from '../../policies/managed.ts';
import { chosenKey, stateKeys } from '../../terraform/backend.ts';
import { backendsIn } from '../../terraform/source/folders.ts';
import { changesItself } from '../../trust/denied.ts';
import { confirm } from '../../ui/confirm.ts';
import type { Io } from '../../ui/io.ts';
import { printErr, printOut } from '../../ui/print.ts';
import {
  statementChanges,
  type TerraformPermissionsView,
  type UnneededStatements,
  writtenText,
} from '../../ui/terraform-permissions.ts';
import { canAsk } from '../can-ask.ts';
import type { PermissionsTerraformOptions } from '../definitions/permissions-terraform.ts';
import type { ProjectPlace } from './place.ts';

/**
 * Statements in the config that an earlier run of this command wrote and that this run does not need, by role. Empty if
 * there are none, or if the config does not show which roles are meant.
 */
export async function unneededStatements({
  view,
  project,
  options,
  io,
}: Omit<WriteInput, 'signal'>): Promise<readonly UnneededStatements[]> {
  const config = project.config?.config;
  if (config === undefined) return [];
  try {
    return unneededOf(config, await rolesFor(config, { view, options, io }));
  } catch (error) {
    // Only --write needs to know the roles.
    if (error instanceof CrcError) return [];
    throw error;
  }
}

function unneededOf({ roles }: Config, given: readonly RoleStatements[]): readonly UnneededStatements[] {
  return given.flatMap(({ role, statements, origins }) => {
    const { name = '', statements: before = [] } = roles[role] ?? {};
    const needed = new Set(statements.map(({ Sid }) => Sid));
    const sids = before
      .filter((statement) => isWrittenFor(statement, origins))
      .flatMap(({ Sid }) => (Sid === undefined || needed.has(Sid) ? [] : [Sid]));
    return sids.length === 0 ? [] : [{ role: name, sids }];
  });
}

/** The new statements of a role, by its index in the config's roles. */
interface RoleStatements {
  readonly role: number;
  readonly statements: TerraformPermissionsView['phases']['plan'];
  /** Whose statements in the config they replace. */
  readonly origins: readonly string[];
}

export interface WriteInput {
  readonly view: TerraformPermissionsView;
  readonly project: ProjectPlace;
  readonly options: PermissionsTerraformOptions;
  readonly io: Io;
  readonly signal: AbortSignal;
}

/**
 * Writes the statements to the config, after showing the changes. @throws Cancelled if the answer is no, and a CrcError
 * if no role qualifies or the config would become invalid; nothing is written then.
 */
export async function writeStatements(input: WriteInput): Promise<void> {
  const { project, options, io, signal } = input;
  const given = project.config;
  if (given === undefined) throw noConfig();
  refuseAssumed(input.view);
  const roles = await rolesFor(given.config, input);
  refuseTooLong(roles);
  refuseSelfChange(given.config, roles);
  const before = await readFile(given.file, 'utf8');
  const after = withStatements(before, roles);
  const name = basename(given.file);
  if (after === before) {
    if (!options.json) await printOut(io, `No changes. ${given.name} already has these statements.\n`);
    return;
  }
  // Policies that are too long, for example, are rejected here and not by AWS.
  const now = parseConfig(after, name, options.region);
  const unneeded = unneededOf(given.config, roles);
  const changes = roles.map(({ role }) => ({
    name: now.roles[role]?.name ?? '',
    unneeded: unneeded.find((surplus) => surplus.role === now.roles[role]?.name)?.sids ?? [],
    live: asJson({ Statement: given.config.roles[role]?.statements ?? [] }),
    want: asJson({ Statement: now.roles[role]?.statements ?? [] }),
    warnings: now.roles[role] === undefined ? [] : roleWarnings(now.roles[role], `roles[${role}]`),
  }));
  const text = statementChanges(changes, given.name, io.color);
  if (!options.json) await printOut(io, text);
  if (canAsk(io, options) && !options.yes) {
    if (io.outColumns === undefined) await printErr(io, text);
    if (!(await confirm(`Write these statements to ${given.name}?`, signal, { enter: 'yes' }))) throw new Cancelled();
  }
  const place = await realpath(given.file);
  await writeFiles([{ path: given.name, place, content: after, previous: before, action: 'replace' }]);
  if (!options.json) await printOut(io, writtenText(given.name));
}

/**
 * Rejects `--write` if there is nothing to write to: no config, or no role that may use this configuration's state.
 * Does not require a run. @throws CrcError
 */
export async function refuseUnwritable(
  { config }: ProjectPlace,
  options: PermissionsTerraformOptions,
  io: Io,
): Promise<void> {
  if (config === undefined) throw noConfig();
  rolesWith(config.config, await keyOf(config.config, options, io));
}

async function rolesFor(
  config: Config,
  { view, options, io }: Pick<WriteInput, 'view' | 'options' | 'io'>,
): Promise<readonly RoleStatements[]> {
  const { phases, withoutDestroy } = view;
  const written = withoutDestroy ? phases.apply : phases.destroy;
  const key = await keyOf(config, options, io);
  // Without a log of a step, its permissions are unknown, so the role keeps what it has.
  const given = rolesWith(config, key).filter(({ writes }) => !view.unlogged.includes(writes ? 'apply' : 'plan'));
  return given.map(({ role, writes }) => {
    const origins = originsOf(config.roles[role], key, options.program);
    const [own = ''] = origins;
    return { role, origins, statements: (writes ? written : phases.plan).map((each) => withOrigin(each, own)) };
  });
}

/**
 * Whose statements a run replaces: those of its state, or of its program, so that neither another state of the role nor
 * Terraform loses what it needs. Statements without an origin belong to the first state of a role.
 */
function originsOf(
  role: Config['roles'][number] | undefined,
  key: string,
  program: readonly string[],
): readonly string[] {
  if (program.length > 0) return [originOf(key, ...program)];
  return role?.state[0]?.key === key ? ['', originOf(key)] : [originOf(key)];
}

/**
 * The roles that may use the state of this configuration, by their index in the config, and whether they may write it.
 * @throws CrcError if there is none.
 */
function rolesWith(config: Config, key: string): readonly { readonly role: number; readonly writes: boolean }[] {
  const roles = config.roles.flatMap(({ state }, role) => {
    const access = state.filter((grant) => grant.key === key).map((grant) => grant.access);
    return access.length === 0 ? [] : [{ role, writes: access.includes('write') }];
  });
  if (roles.length > 0) return roles;
  throw new CrcError(`No role in the config may use the state "${key}".`, { hint: 'Add it to the "state" of a role.' });
}

/** The state of the configuration: from the flag, from its backend block, or the config's only one. */
async function keyOf(config: Config, { key, log, program, folder = '.' }: PermissionsTerraformOptions, io: Io) {
  if (key !== undefined || log !== undefined || program.length > 0) return chosenKey(config, key, '--key');
  const backends = await backendsIn(resolve(io.cwd, folder));
  const named = new Set(
    backends.flatMap(({ type, arguments: { key: own } }) => (type === 's3' && typeof own === 'string' ? [own] : [])),
  );
  // Of several, in files for `-backend-config`, only the user knows the right one.
  const [declared] = named.size === 1 ? named : [];
  const keys = stateKeys(config);
  if (declared === undefined || keys.includes(declared)) return chosenKey(config, declared, '--key');
  throw new CrcError(
    `The backend block of the configuration has the key "${declared}", which no role in the config may use.`,
    {
      hint: choiceHint([declared], keys, '--key'),
    },
  );
}

function refuseAssumed({ assumed }: TerraformPermissionsView): void {
  if (assumed.length === 0) return;
  throw new CrcError(`The provider assumes ${assumed.join(', ')}, so these calls need the permissions of that role.`, {
    hint: 'Nothing was written. Run the command without --write, and add the statements to that role.',
  });
}

/** The config keeps statements as one inline policy of the role. */
function refuseTooLong(roles: readonly RoleStatements[]): void {
  const managed = roles
    .map(({ statements }) => managedPoliciesOf(statements))
    .find((policies) => policies !== undefined);
  if (managed === undefined) return;
  throw new CrcError(`${managed.why} Nothing was written.`, {
    hint: `Run the command without --write: it prints them as ${managed.documents.length} managed policies. Create those in the account, then name their ARNs in "managedPolicyArns" of the role.`,
  });
}

/**
 * A job that can change its own role controls the account, whatever Terraform intends. The same goes for one that can
 * change the role of another job.
 */
function refuseSelfChange({ roles }: Config, given: readonly RoleStatements[]): void {
  for (const { role, statements } of given) {
    for (const { name, path = '/' } of roles) {
      const changing = statements.flatMap((statement) =>
        changingActions(statement, `arn:aws:iam:::role${path}${name}`),
      );
      const [action] = changing;
      if (action === undefined) continue;
      const own = roles[role]?.name === name ? 'the role that it runs as' : 'a role in the config, which jobs use';
      throw new CrcError(`Your Terraform changes ${name}, ${own} (${action}). Nothing was written.`, {
        hint: 'Leave that role to `crc bootstrap`, and remove it from the Terraform code: a job that can change its own role, or the role of another job, controls the account.',
      });
    }
  }
}

function changingActions({ Action, Resource }: Statement, principal: string): readonly string[] {
  // A policy's ARN does not show its owner; warnings about the config cover that.
  const ofRoles = [Resource ?? '*'].flat().filter((resource) => resource.includes(':role/'));
  return [Action].flat().filter((action) => ofRoles.some((resource) => changesItself({ principal, action, resource })));
}

function noConfig(): CrcError {
  return new CrcError('There is no crc.config.json to write to.', {
    hint: 'Create one with `crc init`, or pass another file with --config FILE.',
  });
}
