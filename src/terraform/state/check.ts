import { counted } from '../../counted.ts';
import { stateCommand } from './command-line.ts';
import { md5Of, type Opaque, type Unread } from './content.ts';
import type { StateVersion } from './history.ts';
import type { ListedState, StateList } from './list.ts';
import { lockText, type StateLock } from './locks.ts';
import { DEFAULT_WORKSPACE, stateNameOfLock, stateText, type WorkspacePrefixes } from './place.ts';
import type { ProblemId, StateProblem } from './problem.ts';
import { earlierSerials, wrongState } from './wrong-state.ts';

export interface CheckInput {
  readonly list: StateList;
  /** The version before the newest of each state, if it was read, by object key. */
  readonly previous: ReadonlyMap<string, StateVersion>;
  /** For each object that another project wrote to: how many versions back the previous project's last one is. */
  readonly overwritten: ReadonlyMap<string, number>;
  /** For each object whose newest version is not a state: how many versions back the newest state is, if any. */
  readonly restorable: ReadonlyMap<string, number>;
  /** For each state with a different digest: whether the digest is that of an older version. */
  readonly digestOfOlder: ReadonlyMap<string, boolean>;
  /** Keys that some role may write. */
  readonly written: readonly string[];
  /** The ids of lifecycle rules that delete current versions. */
  readonly expiring: readonly string[];
  readonly bucket: string;
  readonly prefixes: WorkspacePrefixes;
  /** In milliseconds since 1970. */
  readonly now: number;
}

/** In milliseconds: an older lock counts as left behind. */
const OLD_LOCK = 24 * 60 * 60 * 1000;

/** All problems, sorted by key. A pure function. */
export function problemsOf(input: CheckInput): readonly StateProblem[] {
  const { list, bucket, expiring } = input;
  const problems = [
    ...list.states.flatMap((state) => problemsOfState(state, input)),
    ...list.otherLocks.flatMap((lock) => problemsOfLock(lock, input)),
    ...list.otherDigests.map(digestWithoutState),
    ...sameWorkspaces(list.states),
    ...missingTable(list.missingTable),
    ...expiring.map(
      (rule): StateProblem => ({
        id: 'current-versions-expire',
        key: '',
        message: `The lifecycle rule "${rule}" of ${bucket} deletes current states when they have not changed for some time.`,
        fix: 'Let the rule delete noncurrent versions only (stateBucket.noncurrentVersions), or limit it to another prefix.',
      }),
    ),
  ];
  return problems.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/** Terraform: "Error acquiring the state lock … ResourceNotFoundException". */
function missingTable(name: string | undefined): readonly StateProblem[] {
  if (name === undefined) return [];
  return [
    {
      id: 'no-lock-table',
      key: '',
      message: `The lock table ${name} does not exist, so Terraform cannot lock any state.`,
      fix: '`crc bootstrap --only lock-table` creates it. If you stopped using it, remove "lockTable" from the config.',
    },
  ];
}

function problemsOfState(state: ListedState, input: CheckInput): readonly StateProblem[] {
  const locks = state.locks.flatMap((lock) => problemsOfLock(lock, input));
  if (state.deleted) return [...deletedState(state, input), ...locks];
  return [
    ...problemsOfContent(state, input),
    ...digestProblem(state, input),
    ...lineageProblem(state, input),
    ...locks,
    ...roleProblem(state, input.written),
  ];
}

/** A state that was empty when it was deleted, such as a workspace's, is no loss. */
function deletedState(state: ListedState, input: CheckInput): readonly StateProblem[] {
  const { objectKey, newest, digest, declared } = state;
  const content = newest.content;
  const resources = content?.kind === 'state' ? content.resources : undefined;
  if (resources === 0) return digest === undefined ? [] : [digestWithoutState(`${input.bucket}/${objectKey}`)];
  if (!declared && digest === undefined && content?.kind === 'opaque') return [];
  const held = resources === undefined ? '' : ` with ${counted(resources, 'resource')} in it`;
  return [
    {
      id: 'state-deleted',
      key: objectKey,
      message: `${stateText(state)} was deleted${held}.`,
      fix: `${restoreFix(state, input)} If its resources were destroyed on purpose, or are in another state now, ignore this.`,
    },
  ];
}

const NO_STATE: Readonly<Record<Opaque['why'] | Unread['why'], readonly [ProblemId, string]>> = {
  empty: ['state-empty', 'is empty'],
  truncated: ['state-truncated', 'is incomplete: the write was cut off'],
  'not-json': ['not-a-state', 'is not JSON'],
  'not-a-state': ['not-a-state', 'is not a Terraform state of format 4'],
  archived: ['state-out-of-reach', 'is in an archive (Glacier), so Terraform cannot read it'],
  'no-key': [
    'state-out-of-reach',
    'is encrypted with a KMS key that is disabled or deleted, so Terraform cannot read it',
  ],
};

const FIXES: Readonly<Record<Unread['why'], string>> = {
  archived:
    'Restore its newest version from the archive in S3, and take states out of the lifecycle rule that archived it.',
  'no-key':
    'Enable the key again (a deletion can be cancelled while it is pending): without it nobody can read the state.',
};

function problemsOfContent(state: ListedState, input: CheckInput): readonly StateProblem[] {
  const { content } = state.newest;
  if (content?.kind !== 'opaque' && content?.kind !== 'unread') return [];
  const [id, text] = NO_STATE[content.why];
  return [
    {
      id,
      key: state.objectKey,
      message: `${stateText(state)} ${text}.`,
      fix: restoreFix(state, input),
    },
  ];
}

/** Earlier versions may be broken too: only one that is a state and that S3 returns can be restored. */
function restoreFix(state: ListedState, { restorable, overwritten }: CheckInput): string {
  const { content } = state.newest;
  if (content?.kind === 'unread') {
    const then = state.deleted ? ` Then bring it back: ${stateCommand('restore', state, '~0')}.` : '';
    return `${FIXES[content.why]}${then}`;
  }
  const back = content?.kind === 'opaque' ? restorable.get(state.objectKey) : 0;
  if (back === undefined) {
    return 'No version of it is a readable state: import its resources into a new one, or restore a copy from elsewhere.';
  }
  const command = stateCommand('restore', state, `~${back}`);
  const own = overwritten.get(state.objectKey);
  if (own !== undefined && own > back) {
    const before = stateCommand('restore', state, `~${own}`, '--other-lineage');
    return `Its last readable version is another project's state. Go back to the one before that project wrote: ${before}. Only if the other project's is meant: ${command}.`;
  }
  return state.deleted ? `Bring it back: ${command}.` : `Go back to the newest version that is a state: ${command}.`;
}

/** Terraform: "state data in S3 does not have the expected content". */
function digestProblem(state: ListedState, input: CheckInput): readonly StateProblem[] {
  const { digestOfOlder } = input;
  const { objectKey, digest, newest } = state;
  const content = newest.content;
  const md5 = md5Of(content);
  if (digest === undefined || content === undefined || md5 === undefined || digest === md5) return [];
  const older = digestOfOlder.get(objectKey) === true;
  const why = older
    ? 'The digest is that of an older version: the state was written, and the digest was not.'
    : 'The digest is that of no version: the state that belongs to it was never written, or something else wrote the digest.';
  const wrong = wrongState(state, input);
  const fix =
    wrong === undefined
      ? `\`crc state check --fix\` sets the digest to that of the newest version.${older ? '' : ' If a later version may be lost, check `terraform plan` before you apply.'}`
      : `It keeps Terraform from using ${wrong}, so \`crc state check --fix\` does not set it. Go back as shown below, or keep the newest version: ${stateCommand('restore', state, '~0')}. Both set the digest.`;
  return [
    {
      id: 'digest-mismatch',
      key: objectKey,
      message: `${stateText(state)} is not what its digest in the lock table says, so Terraform refuses it. ${why}`,
      fix: content.kind === 'opaque' ? 'Restore a version that is a state; that sets the digest, too.' : fix,
    },
  ];
}

function digestWithoutState(lockId: string): StateProblem {
  return {
    id: 'digest-without-state',
    key: lockId,
    message: `The lock table has a digest for ${lockId}, and the bucket no such state, so Terraform refuses to start there.`,
    fix: `If the state is gone for good, delete the item with the LockID "${lockId}-md5" from the lock table.`,
  };
}

function lineageProblem(state: ListedState, input: CheckInput): readonly StateProblem[] {
  const back = input.overwritten.get(state.objectKey);
  if (back !== undefined) {
    return [
      {
        id: 'other-lineage',
        key: state.objectKey,
        message: `${stateText(state)} was overwritten by another project's state: its lineage differs from that of ${back === 1 ? 'the version before' : `the versions up to ${back} writes ago`}.`,
        fix: `If that was a mistake, go back: ${stateCommand('restore', state, `~${back}`, '--other-lineage')}. If not, this is reported until the versions before have expired.`,
      },
    ];
  }
  const serials = earlierSerials(state, input);
  if (serials === undefined) return [];
  return [
    {
      id: 'serial-went-back',
      key: state.objectKey,
      message: `${stateText(state)} has the serial ${serials.now}, and the version before has ${serials.before}: an older state was pushed over a newer one.`,
      fix: `Compare them: ${stateCommand('diff', state, '~1', '~0')}. If that was a mistake, go back: ${stateCommand('restore', state, '~1')}.`,
    },
  ];
}

function problemsOfLock(lock: StateLock, { now, ...place }: CheckInput): readonly StateProblem[] {
  const { path, info } = lock;
  if (info?.id === undefined) {
    return [
      {
        id: 'unreadable-lock',
        key: path,
        message: `${path} is a lock without a holder: the write was cut off, or Terraform did not write it.`,
        fix: `Make sure that no Terraform runs, and release it: ${unlockCommand(path, place)}.`,
      },
    ];
  }
  const age = now - Date.parse(info.created ?? '');
  if (!(age > OLD_LOCK)) return [];
  return [
    {
      id: 'old-lock',
      key: path,
      message: `${lockText(lock)}.`,
      fix: `A run of Terraform that takes longer than a day is rare. If it died, release the lock: ${unlockCommand(path, place)}.`,
    },
  ];
}

function roleProblem(state: ListedState, written: readonly string[]): readonly StateProblem[] {
  if (!state.declared) {
    return [
      {
        id: 'undeclared-state',
        key: state.objectKey,
        message: `No role of the config has the state ${stateText(state)}.`,
        fix: `If another config for this bucket has it, ignore this. Otherwise add it to roles[].state, or delete it if nothing uses it any more${hasResources(state) ? ', after `terraform destroy`: it still has resources' : ''}.`,
      },
    ];
  }
  if (written.includes(state.key)) return [];
  return [
    {
      id: 'no-writer',
      key: state.objectKey,
      message: `Roles of the config read ${stateText(state)}, and none writes it.`,
      fix: 'Give one role "access": "write" for it, if Terraform in CI is to change it.',
    },
  ];
}

function hasResources({ newest: { content } }: ListedState): boolean {
  return content?.kind === 'state' && content.resources > 0;
}

/**
 * Terraform stores workspaces under a prefix, by default `env:`. If the prefix changes, Terraform starts without a
 * state.
 */
function sameWorkspaces(states: readonly ListedState[]): readonly StateProblem[] {
  const current = states.filter(({ deleted }) => !deleted);
  return current
    .filter(({ workspace }) => workspace !== DEFAULT_WORKSPACE)
    .flatMap((state) => {
      const twin = current.find(
        (other) =>
          // A state in the config should exist.
          !(other.declared && other.workspace === DEFAULT_WORKSPACE) &&
          other.objectKey !== state.objectKey &&
          other.objectKey.endsWith(`/${state.workspace}/${state.key}`),
      );
      return twin === undefined
        ? []
        : [
            {
              id: 'same-workspace' as const,
              key: state.objectKey,
              message: `The workspace ${state.workspace} of ${state.key} has two states: ${state.objectKey} and ${twin.objectKey}.`,
              fix: 'If both are of one project, write one workspace_key_prefix into all its backend blocks, and delete the state that is not used, after its resources are in the other or destroyed.',
            },
          ];
    });
}

function unlockCommand(path: string, place: Pick<CheckInput, 'bucket' | 'prefixes'>): string {
  return stateCommand('unlock', stateNameOfLock(path, place));
}
