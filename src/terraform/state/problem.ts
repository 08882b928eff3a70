/** A problem with a state that would stop Terraform, or that the state's owner should know about. */
export interface StateProblem {
  readonly id: ProblemId;
  /** The key of the object or the lock. */
  readonly key: string;
  readonly message: string;
  readonly fix: string;
}

export type ProblemId =
  | 'digest-mismatch'
  | 'digest-without-state'
  | 'state-deleted'
  | 'state-empty'
  | 'state-truncated'
  | 'state-out-of-reach'
  | 'not-a-state'
  | 'other-lineage'
  | 'serial-went-back'
  | 'old-lock'
  | 'unreadable-lock'
  | 'undeclared-state'
  | 'no-writer'
  | 'same-workspace'
  | 'no-lock-table'
  | 'current-versions-expire';
