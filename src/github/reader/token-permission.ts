import { isNode, type Node } from './yaml-node.ts';

/** Whether a job may ask GitHub for a token. */
export interface Token {
  /**
   * `missing`: nothing grants it. `replaced`: the permissions of the job take the place of the workflow's, which do. `of-caller`:
   * the job that calls its workflow has none to give. `refused`: it asks for more than that job has, so GitHub starts nothing.
   */
  readonly state: 'granted' | 'missing' | 'replaced' | 'of-caller' | 'refused';
  /** The job whose permissions have to change. */
  readonly job: string;
}

/**
 * By `permissions` of the job, which replace those of its workflow, and by those of the job that calls the workflow, which are
 * all that it can have: https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations
 */
export function idTokenOf(job: Node, workflow: Node, name: string, caller: Token | undefined): Token {
  const own = ownToken(job, workflow);
  if (caller === undefined) return { state: own ?? 'missing', job: name };
  if (caller.state === 'granted') return { state: own ?? 'granted', job: name };
  if (caller.state === 'of-caller' || caller.state === 'refused') return caller;
  return { state: own === 'granted' ? 'refused' : 'of-caller', job: caller.job };
}

/** Undefined: neither the job nor the workflow has permissions, so that it has those of its caller, or GitHub's default. */
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
