import type { Environment } from '../environment.ts';
import { lines } from './program.ts';
import type { Variables } from './reader/frame.ts';
import { gh, type Hosted, parsed } from './repository.ts';

/** GitHub's maximum for a page of variables. https://docs.github.com/en/rest/actions/variables */
const PER_PAGE = 30;

/** The maximum number of environments whose variables are queried; those of others are unknown. */
const MAX_ENVIRONMENTS = 20;

/** Variables by name in uppercase; undefined if GitHub does not report them. */
type Level = ReadonlyMap<string, string> | undefined;

export interface VariablesQuestion extends Hosted {
  /** All environments of the repository. */
  readonly environments: readonly string[];
}

/**
 * The variables of the repository, its organization and its environments, as far as GitHub reports them. The closest
 * level takes precedence: https://docs.github.com/en/actions/reference/workflows-and-actions/variables
 */
export async function variablesOf(
  { host, repository, environments }: VariablesQuestion,
  cwd: string,
  env: Environment,
): Promise<Variables> {
  if (host === undefined) return () => undefined;
  const level = async (path: string): Promise<Level> => {
    const address = `repos/${repository}/${path}?per_page=${PER_PAGE}`;
    return levelOf(await gh(host, ['--paginate', address, '--jq', '.'], cwd, env));
  };
  const [own, organization, ...ofEnvironments] = await Promise.all([
    level('actions/variables'),
    level('actions/organization-variables'),
    ...environments
      .slice(0, MAX_ENVIRONMENTS)
      .map((name) => level(`environments/${encodeURIComponent(name)}/variables`)),
  ]);
  const named = environments.map((name, index) => ({ name: name.toLowerCase(), level: ofEnvironments[index] }));
  return (variable, environment) => {
    const key = variable.toUpperCase();
    const above = own === undefined ? undefined : (own.get(key) ?? organization?.get(key) ?? null);
    if (environment === undefined) return above;
    // Which environment it is may only be known during the run.
    const isOpen = environment.includes('${{');
    const closest = named.filter(({ name }) => isOpen || name === environment.toLowerCase());
    // It may be new, or GitHub may not report it: then it may have the variable.
    if (closest.length === 0) return above ?? undefined;
    if (closest.some((candidate) => candidate.level === undefined)) return undefined;
    const values = closest.flatMap((candidate) => candidate.level?.get(key) ?? []);
    if (values.length === 0) return above;
    return isOpen ? undefined : values[0];
  };
}

interface Variable {
  readonly name: string;
  readonly value: string;
}

/** One JSON document per page, each on a line. */
function levelOf(answer: string | undefined): Level {
  if (answer === undefined) return undefined;
  const pages = lines(answer).map((line) => parsed<{ variables: readonly Variable[] }>(line).variables);
  if (pages.includes(undefined)) return undefined;
  return new Map(pages.flatMap((page) => page ?? []).map(({ name, value }) => [name.toUpperCase(), value]));
}
