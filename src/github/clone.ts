import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Environment } from '../environment.ts';
import { type RemoteRepository, remoteRepository } from './host.ts';
import { lines, output } from './program.ts';

/** The top folder of the clone that contains a folder, where GitHub looks for workflows; undefined outside a clone. */
export function gitRoot(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return undefined;
  }
}

/**
 * The source of a clone: its remote `origin`, or its only remote. Undefined outside a clone, and if the only remote is
 * called `upstream`: by convention that is the repository of someone else, which no role should trust.
 * https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/working-with-forks/configuring-a-remote-repository-for-a-fork
 */
export async function remoteOf(cwd: string, env: Environment): Promise<RemoteRepository | undefined> {
  // `URL (fetch)`, with git's own replacements (insteadOf) applied.
  const remotes = lines(await output('git', ['remote', '--verbose'], cwd, env)).flatMap((line) => {
    const [name = '', rest = ''] = line.split('\t');
    const end = rest.lastIndexOf(' (fetch)');
    return end < 0 ? [] : [{ name, url: rest.slice(0, end) }];
  });
  const [first, ...rest] = remotes;
  const only = rest.length === 0 && first?.name !== 'upstream' ? first : undefined;
  const chosen = remotes.find(({ name }) => name === 'origin') ?? only;
  return chosen === undefined ? undefined : remoteRepository(chosen.url);
}

/** `owner/name` of the clone in `cwd`, if its remote is on that host. */
export async function repositoryOf(cwd: string, env: Environment, host: string): Promise<string | undefined> {
  const remote = await remoteOf(cwd, env);
  return remote?.host === host ? remote.repository : undefined;
}

/** Files with that name in a clone, relative to its top folder, excluding those that git ignores. */
export async function filesNamed(name: string, root: string, env: Environment): Promise<readonly string[]> {
  const flags = ['--cached', '--others', '--exclude-standard', '-z', '--full-name'];
  const listing = await output('git', ['ls-files', ...flags, '--', `:(top,glob)**/${name}`], root, env);
  return (listing ?? '').split('\0').filter((path) => path !== '');
}

/** Branches and tags of the clone in `cwd`. */
export async function localRefs(
  cwd: string,
  env: Environment,
): Promise<{ readonly branches: readonly string[]; readonly tags: readonly string[] }> {
  const refs = lines(await output('git', ['for-each-ref', '--format=%(refname)', 'refs/heads', 'refs/tags'], cwd, env));
  const under = (prefix: string) => refs.filter((ref) => ref.startsWith(prefix)).map((ref) => ref.slice(prefix.length));
  return { branches: under('refs/heads/'), tags: under('refs/tags/') };
}

export interface DefaultBranch {
  readonly name: string;
  /** Nothing shows it: the name is the one that new repositories get. */
  readonly isGuess: boolean;
}

export const GUESSED_BRANCH: DefaultBranch = { name: 'main', isGuess: true };

/**
 * The default branch as far as the clone in `cwd` shows it: the remote's HEAD, else `main` or `master` if one exists,
 * else the branch of a repository without commits. Otherwise a guess: git's default for new repositories, else `main`.
 */
export async function defaultBranchOf(cwd: string, env: Environment): Promise<DefaultBranch> {
  const git = async (...args: readonly string[]) => await output('git', args, cwd, env);
  const [remoteHead, head, configured, { branches }] = await Promise.all([
    git('symbolic-ref', '--short', 'refs/remotes/origin/HEAD'),
    git('symbolic-ref', '--short', 'HEAD'),
    git('config', '--get', 'init.defaultBranch'),
    localRefs(cwd, env),
  ]);
  const usual = ['main', 'master'].find((name) => branches.includes(name));
  const unborn = branches.length === 0 ? head : undefined;
  const known = remoteHead?.replace(/^origin\//, '') ?? usual ?? unborn;
  return { name: known ?? configured ?? 'main', isGuess: known === undefined };
}
