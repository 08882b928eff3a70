import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Refs } from './events.ts';
import { type RemoteRepository, remoteRepository } from './host.ts';

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

/** Where a clone comes from: its remote `origin`, or the only one that it has. Undefined outside a clone. */
export async function remoteOf(cwd: string, env: Environment): Promise<RemoteRepository | undefined> {
  // `URL (fetch)`, as git itself would use it: with its own replacements (insteadOf) made.
  const remotes = lines(await output('git', ['remote', '--verbose'], cwd, env)).flatMap((line) => {
    const [name = '', rest = ''] = line.split('\t');
    const end = rest.lastIndexOf(' (fetch)');
    return end < 0 ? [] : [{ name, url: rest.slice(0, end) }];
  });
  const chosen = remotes.find(({ name }) => name === 'origin') ?? (remotes.length === 1 ? remotes[0] : undefined);
  return chosen === undefined ? undefined : remoteRepository(chosen.url);
}

/** `owner/name` of the clone in `cwd`, if it comes from that host. */
export async function repositoryOf(cwd: string, env: Environment, host: string): Promise<string | undefined> {
  const remote = await remoteOf(cwd, env);
  return remote?.host === host ? remote.repository : undefined;
}

/** Asks the API of one server: without its name `gh` asks the one that the person happens to use. */
async function gh(host: string, args: readonly string[], cwd: string, env: Environment): Promise<string | undefined> {
  return await output('gh', ['api', '--hostname', host, ...args], cwd, env);
}

/** A repository on one server; undefined where the server of the config's issuer is not known, and nobody can be asked. */
export interface Hosted {
  readonly host: string | undefined;
  /** `owner/name` */
  readonly repository: string;
}

/** What the `gh` program knows of the repository; undefined where it is missing or not logged in. */
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
export async function refsOf({ host, repository }: Hosted, cwd: string, env: Environment): Promise<Refs> {
  const asked = async (path: string, filter: string) =>
    host === undefined ? undefined : await gh(host, [path, '--jq', filter], cwd, env);
  const names = async (what: string, filter: string) =>
    lines(await asked(`repos/${repository}/${what}?per_page=100`, filter));
  const [defaultBranch, branches, tags, environments, local] = await Promise.all([
    asked(`repos/${repository}`, '.default_branch'),
    names('branches', '.[].name'),
    names('tags', '.[].name'),
    names('environments', '.environments[].name'),
    localRefs({ host, repository }, cwd, env),
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

async function localRefs({ host, repository }: Hosted, cwd: string, env: Environment) {
  const remote = host === undefined ? undefined : await repositoryOf(cwd, env, host);
  if (remote?.toLowerCase() !== repository.toLowerCase()) return { branches: [], tags: [] };
  const refs = lines(await output('git', ['for-each-ref', '--format=%(refname)', 'refs/heads', 'refs/tags'], cwd, env));
  const under = (prefix: string) => refs.filter((ref) => ref.startsWith(prefix)).map((ref) => ref.slice(prefix.length));
  return { branches: under('refs/heads/'), tags: under('refs/tags/') };
}

/** The value of a variable of the repository, or of its organization; null = there is none, undefined = not known. */
export async function variableOf(
  name: string,
  { host, repository }: Hosted,
  cwd: string,
  env: Environment,
): Promise<string | null | undefined> {
  if (host === undefined) return undefined;
  const [own, organization] = await Promise.all(
    ['variables', 'organization-variables'].map((kind) =>
      gh(host, [`repos/${repository}/actions/${kind}?per_page=100`], cwd, env),
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
