import * as z from 'zod';
import { auditDocumentSchema } from './documents/audit.ts';
import { errorDocumentSchema } from './documents/common.ts';
import { deniedDocumentSchema, explainDocumentSchema } from './documents/explain.ts';
import {
  backendDocumentSchema,
  completionDocumentSchema,
  demoDocumentSchema,
  exportDocumentSchema,
  helpDocumentSchema,
  initDocumentSchema,
  invokeDocumentSchema,
  outputsDocumentSchema,
  permissionsDocumentSchema,
  permissionsTerraformDocumentSchema,
  sandboxDocumentSchema,
  versionDocumentSchema,
  workflowDocumentSchema,
} from './documents/other-commands.ts';
import { planDocumentSchema, removalDocumentSchema } from './documents/plan.ts';
import { stateDocuments } from './documents/state.ts';

export {
  auditDocumentSchema,
  completionDocumentSchema,
  demoDocumentSchema,
  errorDocumentSchema,
  explainDocumentSchema,
  helpDocumentSchema,
  invokeDocumentSchema,
  planDocumentSchema,
  sandboxDocumentSchema,
  versionDocumentSchema,
};

/**
 * Schema of version 1 of each command's `--json` document, in the order of docs/json.md. The schemas are strict, so
 * that new keys must be added here, and every new command needs an entry.
 */
export const DOCUMENTS: Readonly<Record<string, z.ZodType>> = {
  bootstrap: planDocumentSchema,
  plan: planDocumentSchema,
  verify: planDocumentSchema,
  'deploy-function': planDocumentSchema,
  destroy: removalDocumentSchema,
  invoke: invokeDocumentSchema,
  outputs: outputsDocumentSchema,
  explain: z.union([explainDocumentSchema, deniedDocumentSchema]),
  audit: auditDocumentSchema,
  backend: backendDocumentSchema,
  workflow: workflowDocumentSchema,
  permissions: permissionsDocumentSchema,
  'permissions terraform': permissionsTerraformDocumentSchema,
  export: exportDocumentSchema,
  ...stateDocuments,
  init: initDocumentSchema,
  demo: demoDocumentSchema,
  sandbox: sandboxDocumentSchema,
  completion: completionDocumentSchema,
  help: helpDocumentSchema,
  version: versionDocumentSchema,
};

/** Throws if a JSON document of crc does not match docs/json.md. */
export function checkDocument(text: string): void {
  const document: unknown = JSON.parse(text);
  const { command, status } = z.looseObject({ command: z.string(), status: z.unknown().optional() }).parse(document);
  const isError =
    status === 'failed' &&
    !['findings', 'phases'].some((key) => key in Object(document)) &&
    'error' in Object(document);
  const schema = isError ? errorDocumentSchema : DOCUMENTS[command];
  if (schema === undefined) throw new Error(`test/helpers/documents.ts has no document of the command "${command}"`);
  const { error } = schema.safeParse(document);
  if (error !== undefined) throw new Error(`The document of ${command}:\n${z.prettifyError(error)}\n${text}`);
}
