import type { Plan } from '../engine/plan.ts';
import { CrcError } from '../errors.ts';
import { gitRoot } from '../github/clone.ts';
import { shellWord } from '../shell.ts';
import { removedBlocks } from '../terraform/removed.ts';
import type { ManagedInFolder, NamedResource } from '../terraform/source/managed.ts';
import { foreign, foreignWord } from '../ui/foreign.ts';
import { type ConvergeOptions, isRefused, selected } from './converge.ts';
import type { Ending } from './frame.ts';
import type { Session } from './session.ts';

/** Advice about adopted resources that Terraform manages as well. */
export interface AdoptedText {
  /** Prose. */
  readonly note: string;
  /** Blocks and command lines to paste, which are never wrapped. */
  readonly pasted: string;
}

/**
 * The advice at the end of a run with --adopt. Empty without the flag, and if Terraform manages none of the resources.
 */
export async function adoptedParts(
  session: Session,
  plan: Plan<CrcError>,
  { adopt = false, json = false }: ConvergeOptions,
): Promise<Pick<Ending, 'aside' | 'pasted'>> {
  if (!adopt || json || isRefused(plan)) return {};
  const text = await adoptedFromTerraform(selected(session, plan), session.root);
  return text === undefined ? {} : { aside: text.note, pasted: text.pasted };
}

/**
 * How to remove the resources that crc adopts from Terraform's state, which would otherwise change them back, and how
 * to find those that are neither in the repository's code nor in its local states: they may be in a module, in another
 * repository, or created without Terraform. Undefined if nothing is adopted.
 */
export async function adoptedFromTerraform(plan: Plan, configFolder: string): Promise<AdoptedText | undefined> {
  const adopted = plan.filter(isAdopted).map(({ type, name }) => ({ type, name }));
  if (adopted.length === 0) return undefined;
  const { managedBelow } = await import('../terraform/source/managed.ts');
  const root = gitRoot(configFolder) ?? configFolder;
  const folders = await managedBelow(root, adopted).catch((error: unknown) => {
    // It is only advice, so a folder that cannot be read does not fail the run.
    if (error instanceof CrcError || isFileError(error)) return [];
    throw error;
  });
  const sure = folders.filter(({ addresses, instances }) => addresses.length + instances.length > 0);
  const missing = adopted.filter((resource) => !folders.some(({ owned }) => owned.includes(resource)));
  return {
    note: `${sure.length === 0 ? '' : sureNote(sure)}${missing.length === 0 ? '' : missingNote(missing, folders)}`,
    pasted: `${sure.map(pastedFor).join('')}${missing.length === 0 ? '' : linesFor(missing)}`,
  };
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

/** Whether crc adopts it without having created it: its ownership tag changes. */
function isAdopted({ changes }: Plan[number]): boolean {
  return changes.some(
    (change) => change.kind === 'update' && change.path === 'tags.ManagedBy' && change.live !== 'crc',
  );
}

function sureNote(folders: readonly ManagedInFolder[]): string {
  const count = folders.reduce((sum, { addresses, instances }) => sum + addresses.length + instances.length, 0);
  const [resources, them] = count === 1 ? ['1 resource', 'it'] : [`${count} resources`, 'them'];
  const blocks = folders.some(({ addresses }) => addresses.length > 0)
    ? ' With Terraform 1.7 or newer, replace the resource blocks with these, replace references to them with names, and run `terraform apply`. With an older one, delete the resource blocks and run the lines below instead.'
    : '';
  const keys = folders.some(({ instances }) => instances.length > 0)
    ? ' Of a resource whose other instances are something else, run the line with the key, take the key out of `for_each` or `count`, and check `terraform plan`: without the block, Terraform would delete the others.'
    : '';
  return `note: Terraform manages ${resources} of what crc adopts, and its next apply would change ${them} back. Remove ${them} from its state; nothing is deleted in AWS.${blocks}${keys}\n`;
}

/** Terraform's ids of these resources are their names, and `terraform state` finds addresses by id. */
function missingNote(missing: readonly NamedResource[], folders: readonly ManagedInFolder[]): string {
  const [it, its] = missing.length === 1 ? ['it', 'its address'] : ['them', 'their addresses'];
  const names = missing.map(({ name }) => foreign(name)).join(', ');
  const places = folders.flatMap(({ unsure }) => unsure).map(foreign);
  const code = places.length === 0 ? '' : ` (${places.join(', ')} may be among ${it}: only Terraform knows the name)`;
  return `note: the Terraform code here does not name ${names}${code}. If Terraform created ${it}, its next apply changes ${it} back. The \`state list\` lines below print ${its}, run where that Terraform runs; remove what they print from its state with \`terraform state rm ADDRESS\`, and delete the resource block; if the address has a key, only that key in \`for_each\` or \`count\`, since deleting the block deletes the other instances. If they print nothing, there is nothing to do.\n`;
}

function linesFor(missing: readonly NamedResource[]): string {
  const lines = missing.map(({ name }) => `terraform state list -id=${foreignWord(name)}\n`);
  return `\n${[...new Set(lines)].join('')}`;
}

/** The blocks for a folder, then equivalent command lines. */
function pastedFor({ directory, addresses, instances }: ManagedInFolder): string {
  const own = addresses.map(foreign);
  const chdir = directory === '.' ? '' : ` -chdir=${foreignWord(directory)}`;
  const title = directory === '.' ? '' : `# ${foreign(directory)}\n`;
  const line = (address: string) => `terraform${chdir} state rm ${shellWord(address)}\n`;
  const lines = [...own.map((address) => `# ${line(address)}`), ...instances.map(foreign).map(line)].join('');
  const blocks = own.length === 0 ? '' : `${removedBlocks(own)}\n\n`;
  return `\n${title}${blocks}${lines}`;
}
