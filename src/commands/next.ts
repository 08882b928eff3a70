import { deniedAction } from '../aws/access-causes.ts';
import type { RemovalOutcome } from '../engine/outcome.ts';
import type { CrcError } from '../errors.ts';
import { foreign, foreignWord } from '../ui/foreign.ts';
import type { Io } from '../ui/io.ts';
import { printErr } from '../ui/print.ts';
import type { RemovalView } from '../ui/removal.ts';
import type { SmokeView } from '../ui/smoke.ts';
import { type ExplainedFinding, hasUnlisted, isFreeToAdopt, type OutcomeView } from '../ui/view.ts';
import { waitingIds } from '../ui/waiting.ts';
import { isEmulated } from './endpoint.ts';
import type { ResourceOptions } from './options.ts';

/** The config as the user knows it. */
export function configName({ config }: ResourceOptions): string {
  return foreign(config ?? 'crc.config.json');
}

/** What matches the config when there was nothing to do. */
export function matchText(options: ResourceOptions): string {
  const what = options.only?.length ? 'The selected resources match' : 'Your account matches';
  return `${what} ${configName(options)}.`;
}

/** A command without `crc`, with the ids that this run was limited to: without them it would cover everything. */
export function commandLine(command: string, { only = [] }: ResourceOptions, ...flags: readonly string[]): string {
  return [command, ...flags, ...only.map((id) => `--only ${foreignWord(id)}`)].join(' ');
}

/** The command of `commandLine` in backticks, with `crc`. */
export function commandText(command: string, options: ResourceOptions, ...flags: readonly string[]): string {
  return `\`crc ${commandLine(command, options, ...flags)}\``;
}

/** The flags of a run on which it depends what is changed and tested. */
export function flagsOf({ adopt, prune, smokeTest = true }: RunFlags): readonly string[] {
  return [...(adopt ? ['--adopt'] : []), ...(prune ? ['--prune'] : []), ...(smokeTest ? [] : ['--no-smoke-test'])];
}

interface RunFlags {
  readonly adopt?: boolean;
  readonly prune?: boolean | undefined;
  readonly smokeTest?: boolean;
}

/** `crc destroy` with the flags that choose what it deletes. */
export function removalLine(options: RemovalOptions): string {
  const flags = [...(options.deleteState ? ['--delete-state'] : []), ...(options.orphans ? ['--orphans'] : [])];
  return commandLine('destroy', options, ...flags);
}

interface RemovalOptions extends ResourceOptions {
  readonly deleteState?: boolean;
  readonly orphans?: boolean;
}

/** If AWS denied a call: the command that prints everything these credentials need, so that no second call is denied. */
export function whenDenied(
  command: 'bootstrap' | 'verify' | 'deploy-function' | 'destroy',
  failed: readonly { readonly error?: CrcError | undefined }[],
): string | undefined {
  // A bucket that may belong to another account is not a matter of permissions alone.
  const isDenied = failed.some(
    ({ error }) => error !== undefined && !error.fatal && deniedAction(error.cause) !== undefined,
  );
  return isDenied ? `\`crc permissions ${command}\` prints all permissions that crc needs for this config.` : undefined;
}

/** After `verify`: how to make the account match the config again. */
export function afterVerify(
  findings: readonly ExplainedFinding[],
  options: ResourceOptions & { readonly build?: boolean },
  orphans: readonly ExplainedFinding[] = [],
): string | undefined {
  const lacking = whenDenied('verify', [...findings, ...orphans]);
  if (lacking !== undefined) return lacking;
  // Then bootstrap writes nothing at all.
  if (findings.some(({ error }) => error?.fatal)) return undefined;
  if (options.build && findings.some(servesOtherCode)) {
    return `${commandText('deploy-function', options)} builds your code again and replaces what AWS serves.`;
  }
  const flags = lackedFlags(findings);
  const plain = written(findings).filter((finding) => !hasUnlisted(finding)).length;
  const differs = findings.some(({ status }) => status === 'drifted' || status === 'conflict');
  const orConfig = differs ? ' If the account is right, change the config instead.' : '';
  const different = findings.filter(({ status }) => status !== 'in-sync' && status !== 'unread').length;
  if (plain > 0) {
    const fixes = plain === different ? `makes the account match ${configName(options)}` : `fixes ${plain} of them`;
    return `${commandText('bootstrap', options)} ${fixes}.${orConfig}`;
  }
  if (flags.length > 0) return `${commandText('plan', options, ...flags)} shows what would change.${orConfig}`;
  if (orphans.length === 0) return undefined;
  return `${commandText('destroy', options, '--orphans', '--dry-run')} shows what would be deleted.`;
}

/** After a plan that was only shown: the command that applies it, with the same flags. */
export function afterPlan(
  command: string,
  findings: readonly ExplainedFinding[],
  options: ResourceOptions & WrittenOptions & RunFlags & { readonly names?: readonly string[] },
): string | undefined {
  if (findings.some(({ status }) => status === 'unread')) {
    return whenDenied(command === 'deploy-function' ? command : 'bootstrap', findings);
  }
  const { names = [] } = options;
  const given = flagsOf(options);
  if (written(findings, options).length > 0) {
    const apply = command === 'plan' ? 'bootstrap' : command;
    return `${commandText([apply, ...names.map(foreignWord)].join(' '), options, ...given)} applies this plan.`;
  }
  const lacked = lackedFlags(findings).filter((flag) => !given.includes(flag));
  if (lacked.length === 0 || command === 'deploy-function') return undefined;
  return `${commandText('plan', options, ...given, ...lacked)} shows what would change.`;
}

/** After `bootstrap`: the flag that is still needed, or a check that it worked. */
export function afterBootstrap(
  outcomes: readonly OutcomeView[],
  options: ResourceOptions & RunFlags,
  io: Io,
): string | undefined {
  const left = outcomes.filter(
    ({ outcome, waits = false }) => !waits && !['created', 'updated', 'unchanged'].includes(outcome),
  );
  if (left.length > 0) {
    if (left.some(({ lacks }) => lacks === undefined)) return whenDenied('bootstrap', left);
    const lacks = (flag: OutcomeView['lacks']) => left.some((view) => view.lacks === flag);
    const flags = flagsOf({ adopt: options.adopt || lacks('adopt'), prune: options.prune || lacks('prune') });
    return `${commandText('bootstrap', options, ...flags)} makes these changes too.`;
  }
  if (outcomes.every(({ outcome }) => outcome === 'unchanged')) {
    return '`crc outputs` shows the role ARNs, the function URLs and the backend block.';
  }
  const newRole =
    !isEmulated(options, io) && outcomes.some(({ id, outcome }) => id.startsWith('role/') && outcome === 'created');
  const verify = `${commandText('verify', options)} checks the account against ${configName(options)}.`;
  return newRole ? `${verify} Then commit and push: GitHub Actions can log in now.` : verify;
}

/**
 * After `deploy-function`: calling a function that the config does not disable, or redeploying it once it, or its
 * config, is fixed.
 */
export function afterDeployment(
  outcomes: readonly OutcomeView[],
  tests: readonly SmokeView[],
  { disabled, ...options }: ResourceOptions & { readonly disabled: ReadonlySet<string> },
  io: Io,
): string | undefined {
  const failed = tests.filter(({ mode, ok }) => mode !== 'skipped' && !ok).map(({ functionName }) => functionName);
  if (failed.length > 0) {
    return `fix this, then ${commandText(`deploy-function ${failed.map(foreignWord).join(' ')}`, options)} deploys again.`;
  }
  if (outcomes.some(({ outcome }) => !['created', 'updated', 'unchanged'].includes(outcome))) {
    return whenDenied('deploy-function', outcomes);
  }
  // An emulator may not run code. This machine runs a disabled function too.
  const isLocal = ({ mode }: SmokeView) => isEmulated(options, io) || mode === 'local';
  const test = tests.find((candidate) => isLocal(candidate) || !disabled.has(candidate.functionName));
  if (test === undefined) return undefined;
  return `\`crc invoke ${foreignWord(test.functionName)}${isLocal(test) ? ' --local' : ''}\` calls it and shows its response.`;
}

/** How to save output to a file, in a terminal. */
export function whenSaving(next: string, { outColumns }: Io): string | undefined {
  return outColumns === undefined ? undefined : next;
}

/** Whether the account disappears when the command ends, as in `crc sandbox -- COMMAND`. */
export function hasNoNextStep({ env }: Io): boolean {
  return Boolean(env.CRC_NO_NEXT_STEP);
}

/** Shows the next step, if one can follow. */
export async function showNext(next: string | undefined, io: Io): Promise<void> {
  if (next !== undefined && !hasNoNextStep(io)) await printErr(io, `\nNext: ${next}\n`);
}

/** Before `destroy`: the command that deletes what was shown. It asks for the name of the bucket first. */
export function afterInventory(
  views: readonly Pick<RemovalView, 'what' | 'error'>[],
  options: RemovalOptions,
): string | undefined {
  const count = views.filter(({ what }) => what === 'goes').length;
  if (views.some(({ what }) => what === 'unread')) return whenDenied('destroy', views);
  if (count === 0) return undefined;
  return `\`crc ${removalLine(options)}\` deletes ${count === 1 ? 'it' : 'them'}, after you have typed the name of the state bucket.`;
}

/** After `destroy`. The repository's workflow uses the account in AWS, not an emulator's. */
export function afterDestroy(
  outcomes: readonly { readonly outcome: RemovalOutcome }[],
  options: ResourceOptions & { readonly orphans?: boolean },
  io: Io,
): string | undefined {
  const count = outcomes.filter(({ outcome }) => outcome === 'removed').length;
  if (count === 0) return undefined;
  if (options.orphans) return '`crc verify` checks the resources in the config.';
  const again = commandText('bootstrap', options);
  if (options.only?.length) return `${again} creates ${count === 1 ? 'it' : 'them'} again.`;
  return isEmulated(options, io)
    ? `${again} creates everything again.`
    : `remove the workflow from your repository, or create everything again with ${again}.`;
}

interface WrittenOptions {
  readonly prune?: boolean | undefined;
  /** What others need and the run does not write. */
  readonly beside?: readonly ExplainedFinding[];
}

/** The resources that `bootstrap` writes to, with its flags. */
function written(
  findings: readonly ExplainedFinding[],
  { prune = false, beside }: WrittenOptions = {},
): readonly ExplainedFinding[] {
  const waiting = waitingIds(findings, beside);
  return findings.filter(
    ({ id, status, changes }) =>
      !waiting.has(id) &&
      (status === 'absent' || (status === 'drifted' && (prune || changes.some(({ kind }) => kind !== 'remove')))),
  );
}

function lackedFlags(findings: readonly ExplainedFinding[]): readonly string[] {
  return [...(findings.some(isFreeToAdopt) ? ['--adopt'] : []), ...(findings.some(hasUnlisted) ? ['--prune'] : [])];
}

/** Code that differs from the source, which only a building command detects. */
function servesOtherCode({ id, changes }: ExplainedFinding): boolean {
  const paths = changes.map((change) => ('path' in change ? change.path : ''));
  return id.startsWith('function-code/') && paths.includes('sha256') && !paths.includes('source');
}
