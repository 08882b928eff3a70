import type { Command } from './command.ts';
import { auditCommand } from './definitions/audit.ts';
import { backendCommand } from './definitions/backend.ts';
import { bootstrapCommand } from './definitions/bootstrap.ts';
import { checkForUpdateCommand } from './definitions/check-for-update.ts';
import { completeCommand } from './definitions/complete.ts';
import { completionCommand } from './definitions/completion.ts';
import { demoCommand } from './definitions/demo.ts';
import { deployFunctionCommand } from './definitions/deploy-function.ts';
import { destroyCommand } from './definitions/destroy.ts';
import { explainCommand } from './definitions/explain.ts';
import { exportCommand } from './definitions/export.ts';
import { helpCommand } from './definitions/help.ts';
import { initCommand } from './definitions/init.ts';
import { invokeCommand } from './definitions/invoke.ts';
import { outputsCommand } from './definitions/outputs.ts';
import { permissionsCommand } from './definitions/permissions.ts';
import { permissionsTerraformCommand } from './definitions/permissions-terraform.ts';
import { planCommand } from './definitions/plan.ts';
import { sandboxCommand } from './definitions/sandbox.ts';
import { stateCommand } from './definitions/state.ts';
import { stateCheckCommand } from './definitions/state-check.ts';
import { stateDiffCommand } from './definitions/state-diff.ts';
import { stateHistoryCommand } from './definitions/state-history.ts';
import { stateListCommand } from './definitions/state-list.ts';
import { stateRestoreCommand } from './definitions/state-restore.ts';
import { stateUnlockCommand } from './definitions/state-unlock.ts';
import { verifyCommand } from './definitions/verify.ts';
import { versionCommand } from './definitions/version.ts';
import { workflowCommand } from './definitions/workflow.ts';

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  demoCommand,
  initCommand,
  sandboxCommand,
  planCommand,
  bootstrapCommand,
  verifyCommand,
  auditCommand,
  permissionsCommand,
  permissionsTerraformCommand,
  destroyCommand,
  deployFunctionCommand,
  invokeCommand,
  explainCommand,
  outputsCommand,
  workflowCommand,
  backendCommand,
  stateCommand,
  stateListCommand,
  stateHistoryCommand,
  stateDiffCommand,
  stateRestoreCommand,
  stateUnlockCommand,
  stateCheckCommand,
  exportCommand,
  completionCommand,
  helpCommand,
  versionCommand,
  completeCommand,
  checkForUpdateCommand,
];
