import { choiceHint } from '../closest.ts';
import type { Grant } from '../engine/types.ts';
import { CrcError } from '../errors.ts';
import { jsonText } from '../json.ts';
import { permissionPolicy } from '../policies/permissions.ts';
import { ownedBy } from '../resources/list.ts';
import { auditGrants, PERMITTED, type PermittedCommand, permissionsFor } from '../resources/permissions.ts';
import type { Io } from '../ui/io.ts';
import { permissionsDocument } from '../ui/json.ts';
import type { PermissionsOptions } from './definitions/permissions.ts';
import { type Ending, withAccount, withConnection } from './frame.ts';
import { whenSaving } from './next.ts';
import { resourcesAt } from './session.ts';

/** Prints the minimal IAM policy for a command with this config. At most, looks up the account. */
export async function permissions(options: PermissionsOptions, io: Io): Promise<number> {
  const { command } = options;
  if (command === 'init') {
    // A new project has no config yet.
    return await withAccount({ command: 'permissions', options, io }, async ({ loaded, identity, run }) => {
      const { surveyGrants } = await import('../resources/survey-permissions.ts');
      const accountId = loaded?.config.accountId ?? (await identity());
      return printedPolicy('init', surveyGrants({ accountId, region: run().region }), io, 'init --from-account');
    });
  }
  if (!isPermitted(command)) {
    throw new CrcError(`There are no permissions to print for the command "${command}".`, {
      hint: choiceHint([command], [...PERMITTED, 'init']),
    });
  }
  // An audit needs no config, and neither does printing its permissions.
  if (command === 'audit') {
    return await withAccount({ command: 'permissions', options, io }, async ({ loaded, identity, run }) => {
      const accountId = loaded?.config.accountId ?? (await identity());
      return printedPolicy(command, auditGrants({ accountId, region: run().region }), io);
    });
  }
  return await withConnection({ command: 'permissions', options, io }, async (connection) => {
    const { config } = connection;
    // Without functions there is nothing to deploy, and no policy without a statement.
    if (command === 'deploy-function') (await import('./functions.ts')).functionsNamed(config.functions, []);
    const { region, accountId = await connection.identity() } = config;
    const all = await resourcesAt(connection, accountId);
    return printedPolicy(command, permissionsFor(command, all, ownedBy(config, { accountId, region })), io);
  });
}

function printedPolicy(
  command: PermittedCommand | 'init',
  grants: readonly Grant[],
  io: Io,
  line: string = command,
): Ending {
  const policy = permissionPolicy(grants);
  return {
    exitCode: 0,
    document: () => permissionsDocument(command, policy),
    text: () => `${jsonText(policy)}\n`,
    asIs: true,
    next: whenSaving(
      `\`crc permissions ${command} > policy.json\` saves it. Attach it to the user or role that runs \`crc ${line}\`.`,
      io,
    ),
  };
}

function isPermitted(command: string): command is PermittedCommand {
  return (PERMITTED as readonly string[]).includes(command);
}
