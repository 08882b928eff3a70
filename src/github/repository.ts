import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Refs } from './events.ts';

const run = promisify(execFile);

/** Milliseconds for a program to answer; what is not known by then is asked. */
const TIMEOUT = 10_000;

/** What GitHub says of a repository. */
export interface GitHubRepository {
  readonly ownerId: number;
  readonly repositoryId: number;
  /** Whether its tokens have immutable subjects; undefined when GitHub does not say. */
  readonly immutableSubject: boolean | undefined;
  /** Whether its subjects follow a template of its own, which crc does not write policies for. */
  readonly customTemplate: boolean;
  /** The claims of that template, in order: `["repo", "context"]` */
  readonly template: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `owner/name` of the remote `origin`, if it is on GitHub. */
export async function repositoryOf(cwd: string, env: Environment): Promise<string | undefined> {
  const url = await output('git', ['remote', 'get-url', 'origin'], cwd, env);
  return url === undefined ? undefined : repositoryOfUrl(url);
}

/** From `https://github.com/o/r.git`, `git@github.com:o/r.git` and `ssh://git@github.com/o/r`. */
export function repositoryOfUrl(url: string): string | undefined {
  const found =
    /^(?:https?:\/\/(?:[^@/]*@)?|git@|ssh:\/\/git@)[^/:]*github[^/:]*(?::\d+)?[/:]([^/\s]+\/[^/\s]+?)(?:\.git)?\/?\s*$/i.exec(
      url,
    );
  return found?.[1];
}

/** What the `gh` program knows of the repository; undefined where it is missing or not logged in. */
export async function gitHubRepository(
  repository: string,
  cwd: string,
  env: Environment,
): Promise<GitHubRepository | undefined> {
  const [ids, subject] = await Promise.all([
    output('gh', ['api', `repos/${repository}`], cwd, env),
    output(
      'gh',
      ['api', '-H', 'X-GitHub-Api-Version: 2026-03-10', `repos/${repository}/actions/oidc/customization/sub`],
      cwd,
      env,
    ),
  ]);
  const { id, owner } = parsed<{ id?: number; owner?: { id?: number } }>(ids);
  if (id === undefined || owner?.id === undefined) return undefined;
  const form = parsed<{ use_default?: boolean; use_immutable_subject?: boolean; include_claim_keys?: string[] }>(
    subject,
  );
  return {
    ownerId: owner.id,
    repositoryId: id,
    immutableSubject: form.use_immutable_subject,
    customTemplate: form.use_default === false,
    template: form.include_claim_keys ?? [],
  };
}

/** Branches, tags and environments: from `gh`, else branches and tags from a clone in `cwd`. */
export async function refsOf(repository: string, cwd: string, env: Environment): Promise<Refs> {
  const names = async (what: string, filter: string) =>
    lines(await output('gh', ['api', `repos/${repository}/${what}?per_page=100`, '--jq', filter], cwd, env));
  const [defaultBranch, branches, tags, environments, local] = await Promise.all([
    output('gh', ['api', `repos/${repository}`, '--jq', '.default_branch'], cwd, env),
    names('branches', '.[].name'),
    names('tags', '.[].name'),
    names('environments', '.environments[].name'),
    localRefs(repository, cwd, env),
  ]);
  const known =
    defaultBranch ?? (local.branches.includes('master') && !local.branches.includes('main') ? 'master' : 'main');
  const all = branches.length > 0 ? branches : local.branches;
  return {
    defaultBranch: known,
    branches: [...new Set([known, ...all])],
    tags: tags.length > 0 ? tags : local.tags,
    environments,
  };
}

async function localRefs(repository: string, cwd: string, env: Environment) {
  const remote = await repositoryOf(cwd, env);
  if (remote?.toLowerCase() !== repository.toLowerCase()) return { branches: [], tags: [] };
  const refs = lines(await output('git', ['for-each-ref', '--format=%(refname)', 'refs/heads', 'refs/tags'], cwd, env));
  const under = (prefix: string) => refs.filter((ref) => ref.startsWith(prefix)).map((ref) => ref.slice(prefix.length));
  return { branches: under('refs/heads/'), tags: under('refs/tags/') };
}

/** The value of a variable of the repository, or of its organization; null = there is none, undefined = not known. */
export async function variableOf(
  name: string,
  repository: string,
  cwd: string,
  env: Environment,
): Promise<string | null | undefined> {
  const [own, organization] = await Promise.all(
    ['variables', 'organization-variables'].map((kind) =>
      output('gh', ['api', `repos/${repository}/actions/${kind}?per_page=100`], cwd, env),
    ),
  );
  const found = [own, organization].flatMap((answer) => parsed<{ variables?: Variable[] }>(answer).variables ?? []);
  const variable = found.find((one) => one.name.toUpperCase() === name.toUpperCase());
  if (variable !== undefined) return variable.value;
  return own === undefined ? undefined : null;
}

interface Variable {
  readonly name: string;
  readonly value: string;
}

function lines(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split('\n').filter((line) => line !== '');
}

async function output(program: string, args: readonly string[], cwd: string, env: Environment) {
  try {
    const { stdout } = await run(program, [...args], { cwd, env: { ...env }, timeout: TIMEOUT, encoding: 'utf8' });
    return stdout.trim() || undefined;
  } catch {
    // Not installed, not logged in, no repository: it is asked for, or left out.
    return undefined;
  }
}

function parsed<T extends object>(text: string | undefined): Partial<T> {
  try {
    return text === undefined ? {} : (JSON.parse(text) as T);
  } catch {
    return {};
  }
}
