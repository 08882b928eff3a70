import { type Command, command } from './command.ts';
import { AUDIT } from './definitions/audit.ts';
import { BACKEND } from './definitions/backend.ts';
import { BOOTSTRAP } from './definitions/bootstrap.ts';
import { CHECK_FOR_UPDATE } from './definitions/check-for-update.ts';
import { COMPLETE } from './definitions/complete.ts';
import { COMPLETION } from './definitions/completion.ts';
import { DEMO } from './definitions/demo.ts';
import { DEPLOY_FUNCTION } from './definitions/deploy-function.ts';
import { DESTROY } from './definitions/destroy.ts';
import { EXPLAIN } from './definitions/explain.ts';
import { EXPORT } from './definitions/export.ts';
import { HELP } from './definitions/help.ts';
import { INIT } from './definitions/init.ts';
import { INVOKE } from './definitions/invoke.ts';
import { OUTPUTS } from './definitions/outputs.ts';
import { PERMISSIONS } from './definitions/permissions.ts';
import { PERMISSIONS_TERRAFORM } from './definitions/permissions-terraform.ts';
import { PLAN } from './definitions/plan.ts';
import { SANDBOX } from './definitions/sandbox.ts';
import { STATE } from './definitions/state.ts';
import { STATE_CHECK } from './definitions/state-check.ts';
import { STATE_DIFF } from './definitions/state-diff.ts';
import { STATE_HISTORY } from './definitions/state-history.ts';
import { STATE_LIST } from './definitions/state-list.ts';
import { STATE_RESTORE } from './definitions/state-restore.ts';
import { STATE_UNLOCK } from './definitions/state-unlock.ts';
import { VERIFY } from './definitions/verify.ts';
import { VERSION } from './definitions/version.ts';
import { WORKFLOW } from './definitions/workflow.ts';

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  command(DEMO, async () => (await import('./demo.ts')).demo),
  command(INIT, async () => (await import('./init.ts')).init),
  command(SANDBOX, async () => (await import('./sandbox.ts')).sandbox),
  command(PLAN, async () => (await import('./plan.ts')).plan),
  command(BOOTSTRAP, async () => (await import('./bootstrap.ts')).bootstrap),
  command(VERIFY, async () => (await import('./verify.ts')).verify),
  command(AUDIT, async () => (await import('./audit.ts')).audit),
  command(PERMISSIONS, async () => (await import('./permissions.ts')).permissions),
  command(PERMISSIONS_TERRAFORM, async () => (await import('./permissions-terraform.ts')).permissionsTerraform),
  command(DESTROY, async () => (await import('./destroy.ts')).destroy),
  command(
    DEPLOY_FUNCTION,
    async () => async (options, io) =>
      options.rollback === undefined
        ? await (await import('./deploy-function.ts')).deployFunction(options, io)
        : await (await import('./rollback-function.ts')).rollbackFunction(options, io),
  ),
  command(INVOKE, async () => (await import('./invoke.ts')).invoke),
  command(EXPLAIN, async () => (await import('./explain.ts')).explain),
  command(OUTPUTS, async () => (await import('./outputs.ts')).outputs),
  command(WORKFLOW, async () => (await import('./workflow.ts')).workflow),
  command(BACKEND, async () => (await import('./backend.ts')).backend),
  command(STATE, async () => {
    const { helpOn } = await import('./help.ts');
    return async (options, io) => await helpOn(COMMANDS)({ ...options, topic: ['state'] }, io);
  }),
  command(STATE_LIST, async () => (await import('./state/list.ts')).stateList),
  command(STATE_HISTORY, async () => (await import('./state/history.ts')).stateHistory),
  command(STATE_DIFF, async () => (await import('./state/diff.ts')).stateDiff),
  command(STATE_RESTORE, async () => (await import('./state/restore.ts')).stateRestore),
  command(STATE_UNLOCK, async () => (await import('./state/unlock.ts')).stateUnlock),
  command(STATE_CHECK, async () => (await import('./state/check.ts')).stateCheck),
  command(EXPORT, async () => (await import('./export.ts')).exportToTerraform),
  command(COMPLETION, async () => (await import('./completion.ts')).completion),
  command(HELP, async () => (await import('./help.ts')).helpOn(COMMANDS)),
  command(VERSION, async () => (await import('./version.ts')).version),
  command(COMPLETE, async () => (await import('./complete.ts')).completionOf(COMMANDS)),
  command(CHECK_FOR_UPDATE, async () => (await import('./check-for-update.ts')).checkForUpdate),
];
