import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';

/**
 * Why GitHub refuses a workflow, by its own parser: `line 2: Required property is missing: runs-on`. Empty for one that it runs.
 * What needs other files is not looked at.
 */
export async function refusalsOf(text: string): Promise<readonly string[]> {
  const { context, value } = parseWorkflow({ name: FILE, content: text }, new NoOperationTraceWriter());
  if (value !== undefined) await convertWorkflowTemplate(context, value);
  const messages = context.errors.getErrors().map(({ message }) => message);
  if (messages.some((message) => message.includes(NOT_READ))) return [];
  return [...new Set(messages)].map((message) =>
    message
      // The parser of YAML quotes the file, which may hold a secret.
      .replace(/^workflow: .* at line (\d+), column \d+:\s[\s\S]*$/, 'line $1: not valid YAML')
      .replace(/^workflow \(Line: (\d+), Col: \d+\): /, 'line $1: ')
      .replace(/\.$/, ''),
  );
}

const FILE = 'workflow';

/** This parser does not read `{ pull_request }`, a mapping without values in braces, which GitHub itself does. */
const NOT_READ = 'Expected a scalar value, a sequence, or a mapping';
