import { CrcError } from '../../errors.ts';
import { OWN_PACKAGE } from '../../own-package.ts';
import { md5Of, type StateContent, stateIn } from '../../terraform/state/content.ts';
import { digestOf } from '../../terraform/state/digest.ts';
import { chosenVersion, contentsReader, type StateVersion } from '../../terraform/state/history.ts';
import { newestLineage } from '../../terraform/state/lineage.ts';
import { objectKeyOf, type StateName, type StatePlace, stateText } from '../../terraform/state/place.ts';
import { type Restored, restoreState } from '../../terraform/state/restore.ts';
import type { Version } from '../../terraform/state/versions.ts';
import type { Io } from '../../ui/io.ts';
import { printErr, printOut } from '../../ui/print.ts';
import { type StateDiffView, stateDiffCounts, stateDiffText } from '../../ui/state-versions.ts';
import { restoredDocument } from '../../ui/states.ts';
import type { Connection } from '../connection.ts';
import { agree, askInAccount, needsNoConsent } from '../consent.ts';
import type { StateRestoreOptions } from '../definitions/state-restore.ts';
import { workspaceOf } from '../workspace.ts';
import { comparedVersions, versionText } from './compared.ts';
import { existingVersions } from './place.ts';
import { versionName } from './views.ts';
import { withStates } from './with-states.ts';

/** What a restore would do. */
interface RestorePlan {
  /** The newest entry in the bucket's list, which may be a delete marker. */
  readonly latest: Version;
  readonly newest: StateVersion;
  readonly version: StateVersion;
  readonly serial: number | undefined;
  /** Undefined if one of the two cannot be read. */
  readonly diff: StateDiffView | undefined;
  /** The newest version has this content already, but Terraform refuses it because of its digest. */
  readonly onlyDigest: boolean;
}

/** Restores a version of a state. 0 restored, or nothing to do; 1 otherwise. */
export async function stateRestore(options: StateRestoreOptions, io: Io): Promise<number> {
  const name = { key: options.key, workspace: workspaceOf(options.workspace) };
  return await withStates({ command: 'state restore', options, io }, async (connection, place) => {
    await connection.identity();
    const plan = await agreedPlan(connection, place, name, options, io);
    const restored = isNothingToDo(plan) ? undefined : await connection.uninterrupted(() => restore(place, name, plan));
    return {
      exitCode: 0,
      document: (run) => restoredDocument(run, outcomeOf(name, plan, restored)),
      text: () => `${restoredText(name, restored)}\n`,
      cost: true,
    };
  });
}

/** The confirmed restore. */
async function agreedPlan(
  connection: Connection,
  place: StatePlace,
  name: StateName,
  options: StateRestoreOptions,
  io: Io,
): Promise<RestorePlan> {
  return await agree<RestorePlan>(
    {
      plan: () => restorePlan(connection, place, name, options),
      isEmpty: isNothingToDo,
      isSame: ({ latest: now }, { latest }) => now.versionId === latest.versionId && now.eTag === latest.eTag,
      async show(seen, { again, asked }) {
        if (again) connection.progress.line('The state has changed since. This is the difference now:');
        if (!options.json) await show(seen, asked, io);
      },
      ask: ({ version }) => askInAccount(connection, `Restore ${stateText(name)} to the version ${version.versionId}?`),
      isAnswered: async () => options.yes === true || (await needsNoConsent(connection.config, options, io)),
      hint: 'Pass --yes to restore it without a prompt. `crc state diff` shows the difference.',
    },
    io,
    options,
  );
}

/** Reads the version, and all later ones: the new serial must be higher than theirs. */
async function restorePlan(
  { config, progress }: Connection,
  place: StatePlace,
  name: StateName,
  options: StateRestoreOptions,
): Promise<RestorePlan> {
  const versions = await existingVersions(place, name, config);
  const readContents = contentsReader(place, progress.count);
  const version = await chosenVersion(options.version, versions, readContents);
  const since = versions.slice(0, versions.indexOf(version) + 1).filter(({ marker }) => !marker);
  const read = await readContents(since);
  const [latest] = versions;
  const [newest] = read;
  const chosen = read.find(({ versionId }) => versionId === version.versionId);
  if (latest === undefined || newest === undefined || chosen?.content === undefined) {
    throw new CrcError(`${stateText(name)} was written to in the meantime. No changes were made.`, {
      hint: 'Run the command again.',
    });
  }
  checkContent(chosen.content, chosen.versionId);
  if (!options.otherLineage) await checkLineage(place, name, read, chosen);
  const md5 = md5Of(newest.content);
  const digest = md5 === md5Of(chosen.content) ? await digestOf(place, newest.key) : undefined;
  return {
    latest,
    newest,
    version: chosen,
    serial:
      chosen.content.kind === 'state' ? 1 + Math.max(...read.flatMap(({ content }) => serialsOf(content))) : undefined,
    diff: isReadable(newest) && isReadable(chosen) ? (await comparedVersions(place, newest, chosen)).diff : undefined,
    onlyDigest: digest !== undefined && digest !== md5,
  };
}

function serialsOf(content: StateContent | undefined): readonly number[] {
  const serial = stateIn(content)?.serial;
  return serial === undefined ? [] : [serial];
}

function isReadable({ content }: StateVersion): boolean {
  return content?.kind === 'state';
}

/** Only what Terraform can read is worth restoring. */
function checkContent(content: StateContent, versionId: string): void {
  if (stateIn(content) !== undefined) return;
  throw new CrcError(`The version ${versionId} is not a readable state, so it was not restored.`, {
    hint: '`crc state history` shows which versions are.',
  });
}

/** A different lineage belongs to another project's state, or to one that was recreated. */
async function checkLineage(
  place: StatePlace,
  name: StateName,
  read: readonly StateVersion[],
  chosen: StateVersion,
): Promise<void> {
  const old = stateIn(chosen.content)?.lineage ?? '';
  const now = await newestLineage(place, read);
  if (now === undefined || now.lineage === old) return;
  const isNewest = now.version === read[0];
  const which = isNewest ? 'the newest version' : `the newest version with a lineage (${now.version.versionId})`;
  throw new CrcError(
    `The version ${chosen.versionId} has the lineage "${old}", and ${which} of ${stateText(name)} has "${now.lineage}": they are states of different projects, or one was recreated.`,
    {
      hint: `If ${isNewest ? 'the newest one' : 'that one'} overwrote it by mistake, pass --other-lineage to restore it anyway.`,
    },
  );
}

function isNothingToDo({ latest, newest, version, onlyDigest }: RestorePlan): boolean {
  return !latest.marker && !onlyDigest && md5Of(newest.content) === md5Of(version.content);
}

async function show(plan: RestorePlan, asked: boolean, io: Io): Promise<void> {
  const { latest, newest, version, diff } = plan;
  const lines = [
    versionText(latest.marker ? 'Deleted, last' : 'Newest ', newest),
    versionText(latest.marker ? 'Restore      ' : 'Restore', version),
    '',
    diff === undefined
      ? 'The two versions cannot be compared: one of them is not a readable state.'
      : stateDiffText(diff, io.color),
    '',
    ...countLines(plan),
  ];
  const text = lines.join('\n');
  await printOut(io, text);
  // The user must see what the prompt is about, even if stdout is a file.
  if (asked && io.outColumns === undefined) await printErr(io, text);
}

function countLines({ diff, onlyDigest, latest }: RestorePlan): readonly string[] {
  if (onlyDigest && !latest.marker) return ['Its digest in the lock table does not match, and will be set.', ''];
  const counts = diff === undefined ? '' : stateDiffCounts(diff);
  return counts === '' ? [] : [`${counts}.`, ''];
}

async function restore(
  place: StatePlace,
  name: StateName,
  { version, latest, serial }: RestorePlan,
): Promise<Restored> {
  return await restoreState(place, {
    objectKey: objectKeyOf(name, place.prefixes),
    version,
    newest: latest,
    serial,
    tool: `crc ${OWN_PACKAGE.version}`,
  });
}

function outcomeOf(name: StateName, plan: RestorePlan, restored: Restored | undefined): object {
  return {
    status: restored === undefined ? 'unchanged' : 'restored',
    ...name,
    from: versionName(plan.newest),
    to: versionName(plan.version),
    restored: restored === undefined ? undefined : { versionId: restored.versionId, serial: restored.serial ?? null },
    ...(plan.diff ?? {}),
  };
}

function restoredText(name: StateName, restored: Restored | undefined): string {
  if (restored === undefined) return 'No changes. The newest version already has this content.';
  const serial = restored.serial === undefined ? '' : ` with serial ${restored.serial}`;
  return `Restored ${stateText(name)}${serial}, as version ${restored.versionId}. Check it: \`terraform plan\`.`;
}
