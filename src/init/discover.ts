import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

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
  const form = parsed<{ use_default?: boolean; use_immutable_subject?: boolean }>(subject);
  return {
    ownerId: owner.id,
    repositoryId: id,
    immutableSubject: form.use_immutable_subject,
    customTemplate: form.use_default === false,
  };
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
