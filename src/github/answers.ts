import type { Environment } from '../environment.ts';
import type { Refs } from './reader/events.ts';
import { type GitHubRepository, gitHubRepository, refsOf } from './repository.ts';

/** What GitHub reports about repositories. Each is queried once, however many roles trust it. */
export interface GitHubAnswers {
  /** Undefined if the `gh` program is missing or not logged in. */
  readonly facts: (repository: string) => Promise<GitHubRepository | undefined>;
  readonly refs: (repository: string) => Promise<Refs>;
}

/** `host`: the server; undefined if it is unknown, so that no query is possible. */
export function gitHubAnswers(host: string | undefined, cwd: string, env: Environment): GitHubAnswers {
  return {
    facts: once((repository) => gitHubRepository({ host, repository }, cwd, env)),
    refs: once((repository) => refsOf({ host, repository }, cwd, env)),
  };
}

function once<T>(ask: (repository: string) => Promise<T>): (repository: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (repository) => {
    const answer = answers.get(repository) ?? ask(repository);
    answers.set(repository, answer);
    return answer;
  };
}
