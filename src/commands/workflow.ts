import { loadConfig } from '../config/load.ts';
import { foreign, foreignWord } from '../ui/foreign.ts';
import type { Io } from '../ui/io.ts';
import { workflowDocument } from '../ui/json.ts';
import { printErr } from '../ui/print.ts';
import type { WorkflowOptions } from './definitions/workflow.ts';
import { showNext, whenSaving } from './next.ts';
import { workflowNotes } from './workflow-notes.ts';
import { checkChoices, type WorkflowChoices, workflowOf } from './workflow-yaml.ts';

/** Prints the GitHub Actions workflow of a repository. Sends nothing. */
export async function workflow(options: WorkflowOptions, io: Io): Promise<number> {
  checkChoices(options);
  const { config, file } = await loadConfig({ cwd: io.cwd, file: options.config, region: options.region });
  const yaml = await workflowOf(config, file, options);
  for (const note of await workflowNotes(config, file, options, io.env)) await printErr(io, `note: ${foreign(note)}\n`);
  io.out(options.json ? `${workflowDocument(yaml)}\n` : yaml);
  if (!options.json) {
    const command = ['crc workflow', ...flagsOf(options), '> .github/workflows/infrastructure.yml'].join(' ');
    await showNext(whenSaving(`\`${command}\` saves it. Then commit and push.`, io), io);
  }
  return 0;
}

/** The chosen options, as flags. */
function flagsOf({ repository, key, directory, branch }: WorkflowChoices): readonly string[] {
  const chosen = [
    ['--repository', repository],
    ['--key', key],
    ['--directory', directory === '.' ? undefined : directory],
    ['--branch', branch],
  ] as const;
  return chosen.flatMap(([flag, value]) => (value === undefined ? [] : [`${flag} ${foreignWord(value)}`]));
}
