/**
 * Who a pattern accepts, widest first. `anyone`: every customer of the platform. `named`: every customer who registers
 * a matching name. `workflow`: every repository that may call a given workflow. `owner`: one customer. `project`: one
 * repository, project or pipeline.
 */
export const SCOPES = ['anyone', 'named', 'workflow', 'owner', 'project', 'nobody'] as const;

export type Scope = (typeof SCOPES)[number];

/** What a claim's value, with `*` and `?` as wildcards, reveals about the token's owner. */
export interface Reading {
  readonly scope: Scope;
  /** Whether the owner is identified by an id that is never reused. */
  readonly ownerId?: boolean;
  readonly projectId?: boolean;
  /** `owner/name` */
  readonly project?: string;
  /** The part of a subject after the project: `ref:refs/heads/main`. Undefined: anything. */
  readonly context?: string;
}

/** Interprets a platform's tokens: a whole `sub`, and the claims that identify a customer or a project. */
export interface SubjectReader {
  subject(pattern: string): Reading;
  /** Undefined for a claim that identifies neither. */
  claim(name: string, pattern: string): Reading | undefined;
  /** The jobs of a project whose subject has that context. */
  jobs(context: string): Jobs;
}

/** The jobs of a project that are accepted. */
export interface Jobs {
  /** Pull request runs, whose code has not been reviewed. */
  readonly pullRequests: boolean;
  /** Any branch, so the code may not have been reviewed either. */
  readonly anyBranch: boolean;
  /** Names of environments, whose protection rules AWS cannot see. */
  readonly environments: readonly string[];
}

export function narrower(scope: Scope, other: Scope): Scope {
  return SCOPES.indexOf(scope) >= SCOPES.indexOf(other) ? scope : other;
}

export function wider(scope: Scope, other: Scope): Scope {
  return SCOPES.indexOf(scope) <= SCOPES.indexOf(other) ? scope : other;
}

/** The text before the first wildcard. */
export function literalStart(pattern: string): string {
  return pattern.split(/[*?]/)[0] ?? '';
}

export function isExact(pattern: string): boolean {
  return literalStart(pattern) === pattern;
}
