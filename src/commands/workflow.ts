import { loadConfig } from '../config/load.ts';
import type { Io } from '../ui/io.ts';
import { workflowDocument } from '../ui/json.ts';
import type { WorkflowOptions } from './definitions/workflow.ts';
import { checkChoices, workflowOf } from './workflow-yaml.ts';

/** Prints the GitHub Actions workflow of a repository. Sends nothing. */
export async function workflow(options: WorkflowOptions, io: Io): Promise<number> {
  checkChoices(options);
  const { config, file } = await loadConfig({ cwd: io.cwd, file: options.config, region: options.region });
  const yaml = await workflowOf(config, file, options);
  io.out(options.json ? `${workflowDocument(yaml)}\n` : yaml);
  return 0;
}
