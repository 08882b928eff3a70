import { CrcError } from '../../errors.ts';
import { loginsOf } from '../../github/reader/logins.ts';
import { workflowOf } from '../../github/reader/sources.ts';
import { type Node, nodeOf, textOf } from '../../github/reader/yaml-node.ts';
import { readerOf, workflowsOfClone } from '../../github/workflow-files.ts';
import { uniqueBy } from '../../group-by.ts';
import { roleOf } from '../../policies/role-name.ts';

/** The workflow that init writes, from the top of the repository. */
export const WORKFLOW = '.github/workflows/infrastructure.yml';

/** How one job of a workflow logs in to AWS. */
export interface FoundLogin {
  readonly job: string;
  readonly with: 'access-keys' | 'oidc';
  /** As known before a run: `arn:…`, or an expression. Undefined with access keys. */
  readonly role?: string;
}

export interface FoundWorkflow {
  /** `.github/workflows/deploy.yml` */
  readonly path: string;
  readonly text: string;
  readonly logins: readonly FoundLogin[];
  /** Whether it applies Terraform code itself. */
  readonly appliesTerraform: boolean;
}

/** The roles of a project, its folder, and that of the repository. */
export interface ProjectRoles {
  readonly roles: readonly { readonly name: string }[];
  readonly folder: string;
  readonly root: string;
}

/**
 * Whether the workflow that init would write exists, and is that of another project in the repository: it only logs in
 * as roles that this project does not have.
 */
export function isOfAnotherProject({ path, logins }: FoundWorkflow, { roles, folder, root }: ProjectRoles): boolean {
  const named = logins.flatMap(({ role = '' }) => roleOf(role) ?? []);
  const isOther = named.length > 0 && !named.some((name) => roles.some((own) => own.name === name));
  return path === WORKFLOW && folder !== root && isOther;
}

/** The roles that this project's workflows name without an expression, and that it does not have. */
export function unknownRoles(workflows: readonly FoundWorkflow[], project: ProjectRoles): readonly string[] {
  const named = workflows
    .filter((workflow) => !isOfAnotherProject(workflow, project))
    .flatMap(({ logins }) => logins.flatMap(({ role = '' }) => (role.includes('${{') ? [] : (roleOf(role) ?? []))));
  return [...new Set(named)].filter((name) => !project.roles.some((own) => own.name === name));
}

interface Place {
  readonly root: string;
  readonly repository: string | undefined;
  readonly branch: () => Promise<string>;
}

/** The workflows of a repository. Like GitHub, ignores files that are not workflows. */
export async function workflowsOf({ root, repository, branch }: Place): Promise<readonly FoundWorkflow[]> {
  const read = readerOf(root);
  const files = await workflowsOfClone(root, root);
  if (files.length === 0) return [];
  const defaultBranch = await branch();
  const workflows = await Promise.all(
    files.map(async ({ path }): Promise<readonly FoundWorkflow[]> => {
      const text = path === undefined ? undefined : await read(path);
      if (path === undefined || text === undefined) return [];
      try {
        const workflow = workflowOf(text, path);
        const refs = { defaultBranch, branches: [defaultBranch], tags: [], environments: [] };
        const { logins } = await loginsOf({
          ...{ text, file: path, path, refs, readFile: read },
          repository: repository ?? 'owner/repository',
          serverUrl: undefined,
          variables: () => undefined,
        });
        const byRole = logins.map(({ job, role }) => ({ job, with: 'oidc' as const, role: role.filled }));
        const byKeys = jobsWithKeys(workflow).map((job) => ({ job, with: 'access-keys' as const }));
        const unique = uniqueBy([...byKeys, ...byRole], (login) => JSON.stringify(login));
        return [{ path, text, logins: unique, appliesTerraform: applies(workflow) }];
      } catch (error) {
        if (error instanceof CrcError) return [];
        throw error;
      }
    }),
  );
  return workflows.flat();
}

/** Inputs and variables that contain a part of an access key. */
export const KEY_INPUT = /^aws[-_](access[-_]key[-_]id|secret[-_]access[-_]key|session[-_]token)$/i;

const ACCESS_KEY = /^aws[-_]access[-_]key[-_]id$/i;

/** The secret with its usual name, whatever input receives it: a local action can choose its input names. */
const ACCESS_KEY_SECRET = /\bsecrets\.aws_access_key_id\b/i;

/** The jobs that receive an access key, in their environment or in a step's input. */
export function jobsWithKeys(workflow: Node): readonly string[] {
  return Object.entries(nodeOf(workflow.jobs)).flatMap(([name, given]) => {
    const job = nodeOf(given);
    const places = [workflow.env, job.env, ...stepsOf(job).flatMap((step) => [step.env, step.with])];
    // If a workflow sets it for all jobs, the jobs with steps receive it.
    return stepsOf(job).length > 0 && places.some(hasKey) ? [name] : [];
  });
}

function hasKey(given: unknown): boolean {
  return Object.entries(nodeOf(given)).some(
    ([name, value]) => (ACCESS_KEY.test(name) && textOf(value) !== '') || ACCESS_KEY_SECRET.test(textOf(value)),
  );
}

export function stepsOf(job: Node): readonly Node[] {
  return Array.isArray(job.steps) ? job.steps.map(nodeOf) : [];
}

/** `terraform apply` with flags before it, and actions with such a name. */
const APPLIES = /\b(terraform|tofu|terragrunt)\b[^\n;&|]*\b(apply|destroy)\b/;

function applies(workflow: Node): boolean {
  const steps = Object.values(nodeOf(workflow.jobs)).flatMap((job) => stepsOf(nodeOf(job)));
  return steps.some(({ run, uses }) => APPLIES.test(textOf(run)) || /terraform-apply/i.test(textOf(uses)));
}
