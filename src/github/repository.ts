import type { Environment } from '../environment.ts';
import { defaultBranchOf, GUESSED_BRANCH, localRefs, repositoryOf } from './clone.ts';
import { lines, output } from './program.ts';
import { type PublicFacts, repositoryFacts } from './public.ts';
import type { Refs } from './reader/events.ts';

/** What GitHub reports about a repository. */
export interface GitHubRepository extends PublicFacts {
  /** Whether its tokens have immutable subjects; undefined if GitHub does not report it. */
  readonly immutableSubject: boolean | undefined;
  /** Whether its subjects follow a custom template, which crc does not write policies for. */
  readonly customTemplate: boolean;
  /**
   * The claims of that template, in order: `["repo", "context"]`. Undefined for an organization's template that GitHub
   * does not report.
   */
  readonly template: readonly string[] | undefined;
}

/** Calls the API of one server. Without a host, `gh` would use the one that the user is logged in to. */
export async function gh(
  host: string,
  args: readonly string[],
  cwd: string,
  env: Environment,
): Promise<string | undefined> {
  return await output('gh', ['api', '--hostname', host, ...args], cwd, env);
}

/**
 * A repository on a server; undefined if the config's issuer belongs to no known server, so that no query is possible.
 */
export interface Hosted {
  readonly host: string | undefined;
  /** `owner/name` */
  readonly repository: string;
}

/** What the `gh` program reports about the repository; undefined if it is missing or not logged in. */
export async function gitHubRepository(
  { host, repository }: Hosted,
  cwd: string,
  env: Environment,
): Promise<GitHubRepository | undefined> {
  if (host === undefined) return undefined;
  const [ids, subject] = await Promise.all([
    gh(host, [`repos/${repository}`], cwd, env),
    gh(
      host,
      ['-H', 'X-GitHub-Api-Version: 2026-03-10', `repos/${repository}/actions/oidc/customization/sub`],
      cwd,
      env,
    ),
  ]);
  const facts = repositoryFacts(parsed(ids));
  if (facts === undefined) return undefined;
  const form = parsed<{ use_default?: boolean; use_immutable_subject?: boolean; include_claim_keys?: string[] }>(
    subject,
  );
  const customTemplate = form.use_default === false;
  const own = form.include_claim_keys ?? [];
  return {
    ...facts,
    immutableSubject: form.use_immutable_subject,
    customTemplate,
    template: customTemplate && own.length === 0 ? await organizationTemplate({ host, repository }, cwd, env) : own,
  };
}

/**
 * The organization's template, which applies to a repository that has opted out of the default without its own
 * template; undefined if GitHub does not report it.
 * https://docs.github.com/en/actions/reference/security/oidc#customizing-the-subject-claims-for-an-organization-or-repository
 */
async function organizationTemplate(
  { host, repository }: Hosted,
  cwd: string,
  env: Environment,
): Promise<readonly string[] | undefined> {
  if (host === undefined) return undefined;
  const [owner = ''] = repository.split('/');
  const answer = await gh(host, [`orgs/${owner}/actions/oidc/customization/sub`], cwd, env);
  return answer === undefined
    ? undefined
    : (parsed<{ include_claim_keys?: string[] }>(answer).include_claim_keys ?? []);
}

/** Branches, tags and environments from `gh`, else branches and tags from a clone in `cwd`. */
export async function refsOf({ host, repository }: Hosted, cwd: string, env: Environment): Promise<Refs> {
  const query = async (path: string, filter: string) =>
    host === undefined ? undefined : await gh(host, [path, '--jq', filter], cwd, env);
  const names = async (what: string, filter: string) =>
    lines(await query(`repos/${repository}/${what}?per_page=100`, filter));
  const [defaultBranch, branches, tags, environments, local] = await Promise.all([
    query(`repos/${repository}`, '.default_branch'),
    names('branches', '.[].name'),
    names('tags', '.[].name'),
    names('environments', '.environments[].name'),
    ownRefs({ host, repository }, cwd, env),
  ]);
  const known = defaultBranch ?? local.defaultBranch.name;
  const all = branches.length > 0 ? branches : local.branches;
  return {
    defaultBranch: known,
    isDefaultGuess: defaultBranch === undefined && local.defaultBranch.isGuess,
    branches: [...new Set([known, ...all])],
    tags: tags.length > 0 ? tags : local.tags,
    environments,
  };
}

async function ownRefs({ host, repository }: Hosted, cwd: string, env: Environment) {
  const remote = host === undefined ? undefined : await repositoryOf(cwd, env, host);
  if (remote?.toLowerCase() !== repository.toLowerCase())
    return { branches: [], tags: [], defaultBranch: GUESSED_BRANCH };
  const [refs, defaultBranch] = await Promise.all([localRefs(cwd, env), defaultBranchOf(cwd, env)]);
  return { ...refs, defaultBranch };
}

/** JSON that `gh` printed; empty for anything else. */
export function parsed<T extends object>(text: string | undefined): Partial<T> {
  try {
    return text === undefined ? {} : (JSON.parse(text) as T);
  } catch {
    // Ignores output in another format, which an extension or alias of `gh` may print.
    return {};
  }
}
