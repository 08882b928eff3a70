import { type Node, nodeOf } from './yaml-node.ts';

/** Branches and tags that are known; `defaultBranch` is `main` where it is not known. */
export interface Refs {
  readonly defaultBranch: string;
  readonly branches: readonly string[];
  readonly tags: readonly string[];
  readonly environments: readonly string[];
}

/** One event that starts the workflow, on one ref. */
export interface Run {
  readonly event: string;
  readonly context: string;
  readonly ref: string | undefined;
  readonly doubt?: string;
}

/** The refs that each event of `on` runs for. */
export function runsOf(workflow: Node, refs: Refs): readonly Run[] {
  const on = workflow.on ?? workflow.true;
  const events =
    typeof on === 'string'
      ? { [on]: null }
      : Array.isArray(on)
        ? Object.fromEntries(on.map((one) => [String(one), null]))
        : nodeOf(on);
  return Object.entries(events).flatMap(([event, filter]) => runsFor(event, nodeOf(filter), refs));
}

function runsFor(event: string, filter: Node, refs: Refs): readonly Run[] {
  const branch = (name: string, doubt?: string): Run => ({
    event,
    context: `ref:refs/heads/${name.replaceAll(':', '%3A')}`,
    ref: `refs/heads/${name}`,
    doubt,
  });
  const tag = (name: string, doubt?: string): Run => ({
    event,
    context: `ref:refs/tags/${name.replaceAll(':', '%3A')}`,
    ref: `refs/tags/${name}`,
    doubt,
  });
  const pull: Run = { event, context: 'pull_request', ref: undefined };
  const main = branch(refs.defaultBranch);
  switch (event) {
    case 'push': {
      const branches = filtered(filter.branches, filter['branches-ignore'], refs.branches);
      const tags = filtered(filter.tags, filter['tags-ignore'], refs.tags);
      const has = (key: string) => filter[key] !== undefined || filter[`${key}-ignore`] !== undefined;
      const onBranches = has('branches') || !has('tags');
      const onTags = has('tags') || !has('branches');
      return [
        ...(onBranches ? branches.map(({ name, doubt }) => branch(name, doubt)) : []),
        ...(onTags ? tags.map(({ name, doubt }) => tag(name, doubt)) : []),
      ];
    }
    case 'pull_request':
      return [pull];
    case 'pull_request_target': {
      const doubt = 'GitHub does not document the subject of pull_request_target: this one or the base branch';
      return [
        { ...pull, doubt },
        { ...main, doubt },
      ];
    }
    case 'release':
      return refs.tags.length > 0 ? refs.tags.map((name) => tag(name)) : [tag('v1.0.0', 'example, no tags found')];
    case 'merge_group':
      return [branch(`gh-readonly-queue/${refs.defaultBranch}/pr-1-0`, 'example of a merge queue branch')];
    case 'workflow_call': {
      const doubt = 'subject of the calling workflow';
      return [
        { ...main, doubt },
        { ...pull, doubt },
      ];
    }
    default:
      // schedule, workflow_dispatch, workflow_run and the events of issues run on the default branch.
      return [main];
  }
}

/** Names that the patterns of a filter take in; a pattern that fits none that is known stands for itself. */
function filtered(
  only: unknown,
  ignored: unknown,
  known: readonly string[],
): readonly { readonly name: string; readonly doubt?: string }[] {
  const list = (value: unknown) =>
    (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]).map(String);
  const ignoring = list(ignored);
  const patterns = list(only);
  if (patterns.length === 0)
    return known.filter((name) => !ignoring.some((one) => fitsFilter(one, name))).map((name) => ({ name }));
  const excluded = patterns.filter((one) => one.startsWith('!')).map((one) => one.slice(1));
  return patterns
    .filter((one) => !one.startsWith('!'))
    .flatMap((pattern) => {
      if (!/[*?+[\]]/.test(pattern)) return [{ name: pattern }];
      const names = known.filter((name) => fitsFilter(pattern, name) && !excluded.some((one) => fitsFilter(one, name)));
      const example = pattern.replace(/[*?+]+/g, 'x').replace(/[[\]]/g, '');
      return names.length > 0 ? names.map((name) => ({ name })) : [{ name: example, doubt: `example for ${pattern}` }];
    });
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet */
function fitsFilter(pattern: string, name: string): boolean {
  const escaped = pattern
    .replace(/[\\^$.|(){}]/g, '\\$&')
    .replace(/\*\*|\*/g, (stars) => (stars === '**' ? '.*' : '[^/]*'));
  try {
    return new RegExp(`^${escaped}$`).test(name);
  } catch {
    return pattern === name;
  }
}
