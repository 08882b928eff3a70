/**
 * Who a pattern lets in, from the widest. `anyone`: every customer of the platform. `named`: every customer who registers a name
 * that fits. `workflow`: every repository that may call a given workflow. `owner`: one customer. `project`: one repository, project
 * or pipeline.
 */
export const SCOPES = ['anyone', 'named', 'workflow', 'owner', 'project', 'nobody'] as const;

export type Scope = (typeof SCOPES)[number];

/** What a value of a claim, with `*` and `?` as wildcards, says of who has it. */
export interface Reading {
  readonly scope: Scope;
  /** By an id that is never reused. */
  readonly ownerId?: boolean;
  readonly projectId?: boolean;
  /** `owner/name` */
  readonly project?: string;
  /** What follows the project in a subject: `ref:refs/heads/main`. Undefined: anything. */
  readonly context?: string;
}

/** Reads what a platform puts into its tokens: a whole `sub`, and the claims that bind a customer or a project. */
export interface SubjectReader {
  subject(pattern: string): Reading;
  /** Undefined for a claim that binds neither. */
  claim(name: string, pattern: string): Reading | undefined;
  /** Which jobs of a project have a subject with that context. */
  jobs(context: string): Jobs;
}

/** Jobs of a project that get in. */
export interface Jobs {
  /** Runs of pull requests, whose code is not reviewed yet. */
  readonly pullRequests: boolean;
  /** Any branch, so that no review stands before it either. */
  readonly anyBranch: boolean;
  /** Names of environments, whose rules AWS cannot see. */
  readonly environments: readonly string[];
}

export function narrower(scope: Scope, other: Scope): Scope {
  return SCOPES.indexOf(scope) >= SCOPES.indexOf(other) ? scope : other;
}

export function wider(scope: Scope, other: Scope): Scope {
  return SCOPES.indexOf(scope) <= SCOPES.indexOf(other) ? scope : other;
}

/** What stands before the first wildcard. */
export function literalStart(pattern: string): string {
  return pattern.split(/[*?]/)[0] ?? '';
}

export function isExact(pattern: string): boolean {
  return literalStart(pattern) === pattern;
}
