import { defaultRef, exactRef, fitsFilter, isFilterPattern, type RunRef, refsOfFilter, refsUnder } from './refs.ts';
import { type Node, nodeOf } from './yaml-node.ts';

/** The known branches and tags. */
export interface Refs {
  readonly defaultBranch: string;
  /** Neither GitHub nor a clone shows it. */
  readonly isDefaultGuess?: boolean;
  readonly branches: readonly string[];
  readonly tags: readonly string[];
  readonly environments: readonly string[];
}

/** One event that starts the workflow, on one ref or on all refs of one form. */
export interface Run {
  readonly event: string;
  /** The filters under the event; a list as `list`. */
  readonly filter: Node;
  readonly ref: RunRef;
  /**
   * The part of the subject after the repository, for a job without an environment. Several if GitHub does not document
   * which one applies.
   */
  readonly contexts: readonly RunContext[];
  /** GitHub does not document this part of the subject: `contexts` are guesses. */
  readonly undocumented: boolean;
  /**
   * The event can also occur there, whether or not that is intended: anyone with access can start a workflow on any
   * branch.
   */
  readonly aside: boolean;
  readonly fork: boolean;
}

export interface RunContext {
  /** With IAM wildcards if `isPattern`. */
  readonly text: string;
  readonly isPattern: boolean;
  /** Texts that match the pattern, and that it is not. */
  readonly except?: readonly string[];
  /** An example that matches the pattern. */
  readonly example: string;
}

/** Events that occur on a branch or tag chosen by a person or program. */
const ON_ANY_REF = ['workflow_dispatch', 'create', 'deployment', 'deployment_status', 'registry_package'];

/** The events in `on`, each with its filters. */
export function eventsOf(workflow: Node): readonly (readonly [string, Node])[] {
  const on = workflow.on ?? workflow.true;
  if (typeof on === 'string') return [[on, {}]];
  if (Array.isArray(on)) return on.map((event) => [String(event), {}] as const);
  // Only `schedule` has a list.
  return Object.entries(nodeOf(on)).map(
    ([event, filter]) => [event, Array.isArray(filter) ? { list: filter } : nodeOf(filter)] as const,
  );
}

/**
 * The possible runs of a workflow; `named`: refs that its expressions mention (`refsNamed`). See
 * https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
 */
export function runsOf(workflow: Node, { defaultBranch }: Refs, named: readonly string[]): readonly Run[] {
  const main = `refs/heads/${defaultBranch}`;
  return eventsOf(workflow).flatMap(([event, filter]) => {
    const on = (ref: RunRef, aside = false): Run => ({
      event,
      filter,
      ref,
      contexts: [contextOf(ref)],
      undocumented: false,
      aside,
      fork: false,
    });
    const base = on(defaultRef(main));
    // Once it is merged, its ref is the branch that it was merged into.
    const mayBeMerged = listOf(filter.types).includes('closed');
    const onPull: Run = { ...base, ref: mayBeMerged ? refsUnder('refs/') : PULL, contexts: [PULL_REQUEST] };
    if (event === 'push') return refsOfPush(filter, main, named).map(({ ref, aside }) => on(ref, aside));
    if (event === 'pull_request') return [onPull, { ...onPull, fork: true }];
    // Their ref is the merge ref, and GitHub does not document their subject.
    if (/^pull_request_review/.test(event)) {
      return [{ ...onPull, contexts: [PULL_REQUEST, contextOf(PULL)], undocumented: true }];
    }
    if (event === 'release') return [on({ ...refsUnder('refs/tags/'), example: 'refs/tags/v1.0.0' })];
    if (event === 'merge_group') return [on(refsUnder(`refs/heads/gh-readonly-queue/`))];
    if (ON_ANY_REF.includes(event)) return [base, ...otherRefs(main, named).map((ref) => on(ref, true))];
    if (event === 'workflow_call') return [{ ...base, ref: refsUnder('refs/'), contexts: [ANY] }];
    // schedule, workflow_run, pull_request_target and issue events run on the default branch.
    return [base];
  });
}

const PULL: RunRef = {
  value: { values: [], rest: { prefix: 'refs/pull/', suffix: '/merge', not: [], notPrefixes: [] } },
  written: 'refs/pull/*/merge',
  isPattern: true,
  example: 'refs/pull/1/merge',
};

const PULL_REQUEST: RunContext = { text: 'pull_request', isPattern: false, example: 'pull_request' };

const ANY: RunContext = { text: '*', isPattern: true, example: 'ref:refs/heads/any-other' };

/** GitHub encodes a colon in a name as %3A. */
function contextOf({ written, isPattern, example, value }: RunRef): RunContext {
  const context = (ref: string) => `ref:${ref.replaceAll(':', '%3A')}`;
  const except = (value.rest?.not ?? []).map(context);
  return { text: context(written), isPattern, except, example: context(example) };
}

/** All refs except one; those mentioned in expressions are listed separately. */
function otherRefs(
  main: string,
  named: readonly string[],
  kinds: readonly string[] = ['refs/heads/', 'refs/tags/'],
): readonly RunRef[] {
  return kinds.flatMap((kind) => {
    const own = named.filter((ref) => ref.startsWith(kind) && ref !== main);
    const exact = own.filter((ref) => !ref.endsWith('*'));
    const prefixes = own.filter((ref) => ref.endsWith('*') && ref !== `${kind}*`).map((ref) => ref.slice(0, -1));
    return [
      ...exact.map(exactRef),
      ...prefixes.map((prefix) => refsUnder(prefix)),
      refsUnder(kind, { not: [main, ...exact], notPrefixes: prefixes }),
    ];
  });
}

/**
 * The refs on which a push starts the workflow: without filters any branch or tag, of which only the default branch is
 * surely intended.
 */
function refsOfPush(
  filter: Node,
  main: string,
  named: readonly string[],
): readonly { readonly ref: RunRef; readonly aside: boolean }[] {
  const has = (key: string) => filter[key] !== undefined || filter[`${key}-ignore`] !== undefined;
  const ofKind = (kind: 'heads' | 'tags') => {
    const key = kind === 'heads' ? 'branches' : 'tags';
    const other = kind === 'heads' ? 'tags' : 'branches';
    if (has(other) && !has(key)) return [];
    const [only, ignored] = [listOf(filter[key]), listOf(filter[`${key}-ignore`])];
    const excluded = [
      ...ignored,
      ...only.filter((filterPattern) => filterPattern.startsWith('!')).map((filterPattern) => filterPattern.slice(1)),
    ];
    const wanted = only.filter((filterPattern) => !filterPattern.startsWith('!'));
    const prefix = `refs/${kind}/`;
    const takes = (ref: string) => {
      const name = ref.slice(prefix.length);
      const isIncluded = wanted.length === 0 || wanted.some((filterPattern) => fitsFilter(filterPattern, name));
      return ref.startsWith(prefix) && isIncluded && !excluded.some((filterPattern) => fitsFilter(filterPattern, name));
    };
    const everything = wanted.length === 0 || wanted.every((filterPattern) => /^\*+$/.test(filterPattern));
    if (!everything) {
      const refs = wanted.map((filterPattern) => ({ ref: refsOfFilter(kind, filterPattern, excluded), aside: false }));
      const apart = named
        .filter((ref) => !ref.endsWith('*') && takes(ref))
        .map((ref) => ({ ref: exactRef(ref), aside: true }));
      return [...refs, ...(wanted.some(isFilterPattern) ? apart : [])];
    }
    const otherRefNames = otherRefs(main, named, [prefix]).filter(
      ({ isPattern, written }) => isPattern || takes(written),
    );
    return [
      ...(takes(main) ? [{ ref: defaultRef(main), aside: false }] : []),
      // A filter that matches all tags is intended for tags.
      ...otherRefNames.map((ref) => ({ ref, aside: kind === 'heads' ? takes(main) : !has('tags') })),
    ];
  };
  return [...ofKind('heads'), ...ofKind('tags')];
}

function listOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]).map(String);
}
