import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';

/**
 * Why GitHub would reject a workflow, according to its own parser: `line 2: Required property is missing: runs-on`.
 * Empty for a valid one. Does not check what depends on other files.
 */
export async function refusalsOf(text: string): Promise<readonly string[]> {
  const { context, value } = parseWorkflow({ name: FILE, content: text }, new NoOperationTraceWriter());
  if (value !== undefined) await convertWorkflowTemplate(context, value);
  const messages = context.errors
    .getErrors()
    .map(({ message }) => message)
    .filter((message) => !message.includes(NOT_KNOWN));
  if (messages.some((message) => message.includes(NOT_READ))) return [];
  return [...new Set(messages)].map((message) =>
    message
      // The YAML parser quotes the file, which may contain a secret.
      .replace(/^workflow: .* at line (\d+), column \d+:\s[\s\S]*$/, 'line $1: not valid YAML')
      .replace(/^workflow \(Line: (\d+), Col: \d+\): /, 'line $1: ')
      .replace(/\.$/, ''),
  );
}

const FILE = 'workflow';

/**
 * This parser rejects `on: repository_dispatch` and `on: [push, repository_dispatch]`, whose name is wrong in its schema.
 * GitHub itself accepts them.
 */
const NOT_KNOWN = "Unexpected value 'repository_dispatch'";

/** This parser rejects `{ pull_request }`, a flow mapping without values, which GitHub itself accepts. */
const NOT_READ = 'Expected a scalar value, a sequence, or a mapping';
