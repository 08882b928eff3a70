import { isNode, type Node } from './yaml-node.ts';

/** Whether a job may request a token from GitHub. */
export interface Token {
  /**
   * `missing`: nothing grants it. `replaced`: the workflow grants it, but the job's permissions replace the workflow's.
   * `of-caller`: the job that calls the workflow does not have it. `refused`: the job requests more than the calling
   * job has, so GitHub does not start the run.
   */
  readonly state: 'granted' | 'missing' | 'replaced' | 'of-caller' | 'refused';
  /** The job whose permissions must change. */
  readonly job: string;
}

/**
 * A job's `permissions` replace its workflow's, and are limited by those of the calling job:
 * https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations
 */
export function idTokenOf(job: Node, workflow: Node, name: string, caller: Token | undefined): Token {
  const own = ownToken(job, workflow);
  if (caller === undefined) return { state: own ?? 'missing', job: name };
  if (caller.state === 'granted') return { state: own ?? 'granted', job: name };
  if (caller.state === 'of-caller' || caller.state === 'refused') return caller;
  return { state: own === 'granted' ? 'refused' : 'of-caller', job: caller.job };
}

/** Undefined: neither the job nor the workflow sets permissions, so the caller's or GitHub's defaults apply. */
function ownToken(job: Node, workflow: Node): 'granted' | 'missing' | 'replaced' | undefined {
  if (job.permissions !== undefined) {
    if (grants(job.permissions)) return 'granted';
    return grants(workflow.permissions) ? 'replaced' : 'missing';
  }
  if (workflow.permissions === undefined) return undefined;
  return grants(workflow.permissions) ? 'granted' : 'missing';
}

function grants(permissions: unknown): boolean {
  return permissions === 'write-all' || (isNode(permissions) && permissions['id-token'] === 'write');
}
