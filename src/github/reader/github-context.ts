import type { Choose } from './choices.ts';
import type { Refs, Run } from './events.ts';
import { known, mapped, NOTHING, OPEN, type Possible } from './possible.ts';
import { isFilterPattern } from './refs.ts';
import { namesOf, nodeOf, textOf } from './yaml-node.ts';

/** A run, as the workflows in it see it in `github`. */
export interface RunOfWorkflow {
  readonly run: Run;
  /** `owner/name` of the repository that it runs in. */
  readonly repository: string;
  /** `https://github.com`; undefined if it is unknown. */
  readonly serverUrl: string | undefined;
  readonly refs: Refs;
  readonly choose: Choose;
  /** The name of the workflow that the event started. */
  readonly workflowName: string;
  /** `github.event.inputs`: those of the event, also in a called workflow, whose `github` is the caller's. */
  readonly eventInputs: (name: string) => Possible;
}

/** Parts of the payload that only exist for events whose names start this way. */
const PAYLOADS = new Map([
  ...['pull_request', 'release', 'workflow_run', 'deployment', 'schedule', 'issue', 'merge_group'].map(
    (name) => [name, name] as const,
  ),
  ['client_payload', 'repository_dispatch'],
  ['head_commit', 'push'],
]);

/** A value of the `github` context: https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context */
export function gitHubValue([name = '', ...path]: readonly string[], of: RunOfWorkflow): Possible {
  const { run, repository, refs, choose } = of;
  const isCalled = run.event === 'workflow_call';
  const onPull = /^pull_request(_target)?$/.test(run.event) || isCalled;
  switch (name) {
    case 'event_name':
      return isCalled ? OPEN : known(run.event);
    case 'ref':
      return run.ref.value;
    case 'ref_name':
      return mapped(
        run.ref.value,
        (ref) => known(withoutKind(String(ref))),
        (rest) => ({
          values: [],
          rest: {
            prefix: withoutKind(rest.prefix),
            suffix: rest.suffix,
            not: rest.not.map(withoutKind),
            notPrefixes: rest.notPrefixes.map(withoutKind),
          },
        }),
      );
    case 'ref_type':
      if (isCalled) return { values: ['branch', 'tag'] };
      return known(run.ref.written.startsWith('refs/tags/') ? 'tag' : 'branch');
    case 'head_ref':
      return onPull ? OPEN : known('');
    case 'base_ref':
      return onPull ? baseOf(of) : known('');
    case 'repository':
      return known(repository);
    case 'repository_owner':
      return known(repository.split('/')[0] ?? '');
    case 'server_url':
      return of.serverUrl === undefined ? OPEN : known(of.serverUrl);
    case 'workflow':
      return known(of.workflowName);
    case 'event':
      return eventValue(path, of);
    default:
      return OPEN;
  }
  function eventValue([part = '', ...rest]: readonly string[], { eventInputs }: RunOfWorkflow): Possible {
    const at = rest.join('.');
    if (part === 'inputs' && rest[0] !== undefined)
      return mapped(eventInputs(rest[0]), (value) => known(value === null ? null : String(value)));
    if (part === 'repository' && at === 'default_branch') return known(refs.defaultBranch);
    if (part === 'schedule' && run.event === 'schedule') return known(choose('github.event.schedule', cronsOf(run)));
    if (!isCalled && !run.event.startsWith(PAYLOADS.get(part) ?? '')) return NOTHING;
    if (part === 'pull_request' && at === 'base.ref') return baseOf(of);
    // Pull requests from forks start pull_request_target too.
    if (part === 'pull_request' && !isCalled && run.event !== 'pull_request_target') {
      // A different repository, whatever its name.
      if (at === 'head.repo.full_name') return run.fork ? known('someone/fork') : known(repository);
      if (at === 'head.repo.fork') return known(run.fork);
    }
    return OPEN;
  }
}

/** The branch that a pull request is into: one that the filter of its event names. */
function baseOf({ run, choose }: RunOfWorkflow): Possible {
  const names = namesOf(run.filter.branches);
  const isOpen = names.length === 0 || names.some((name) => name.startsWith('!') || isFilterPattern(name));
  return isOpen || run.event === 'workflow_call' ? OPEN : known(choose('github.base_ref', names));
}

function cronsOf({ filter }: Run): readonly string[] {
  const crons = (Array.isArray(filter.list) ? filter.list : []).map((entry) => textOf(nodeOf(entry).cron));
  return crons.length > 0 ? crons : [''];
}

function withoutKind(ref: string): string {
  return ref.replace(/^refs\/(heads\/|tags\/|pull\/)?/, '');
}
