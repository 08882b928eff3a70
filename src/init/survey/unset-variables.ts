import { abbreviated } from '../../enumerated.ts';
import type { TerraformFolder } from '../../terraform/source/folders.ts';
import { type FoundWorkflow, WORKFLOW } from './workflows.ts';

/** The maximum number of names in one sentence. */
const MAX_NAMED = 3;

/**
 * Notes on variables without a value, which make the first run of the new workflow fail: with `-input=false`, Terraform
 * does not prompt for them. An existing workflow sets its own values, so there are no notes then.
 */
export function unsetNotes(
  folder: TerraformFolder | undefined,
  workflows: readonly FoundWorkflow[],
): readonly string[] {
  if (folder?.unset === undefined) return [];
  if (workflows.some(({ path, appliesTerraform }) => path === WORKFLOW || appliesTerraform)) return [];
  const { names, files } = folder.unset;
  const subject =
    names.length === 1
      ? `the variable ${names[0]} has no default and no value`
      : `${names.length} variables have no default and no value (${listed(names)})`;
  const settings = listed(names.map((name) => `TF_VAR_${name}`));
  const set = `add \`env:\` with ${names.length === 1 ? 'a value' : 'values'} for ${settings}`;
  const [file, ...more] = files;
  const pass =
    file === undefined
      ? ''
      : `, or \`-var-file=${file}\` to each \`terraform plan\`${more.length === 0 ? '' : ` (other files: ${listed(more)})`}`;
  return [
    `${folder.directory}: ${subject}, so \`terraform plan\` would fail in the workflow. In ${WORKFLOW}, ${set}${pass}.`,
  ];
}

function listed(names: readonly string[]): string {
  return abbreviated(names, MAX_NAMED);
}
