import type { Environment } from '../environment.ts';
import { GITHUB } from './host.ts';

/** What GitHub shows about a repository to anyone who can read it. */
export interface PublicFacts {
  readonly ownerId: number;
  readonly repositoryId: number;
  /** `owner/name` in GitHub's spelling, which is also used in tokens. */
  readonly fullName?: string;
  readonly defaultBranch?: string;
}

/** Fetches a JSON document. `body` is undefined if the response is not JSON. @throws if there is no response. */
export type GetJson = (url: URL) => Promise<{ readonly status: number; readonly body: unknown }>;

/** Why GitHub's ids of a repository are unknown, for use within a sentence. */
export type NotKnown = { readonly unknown: string };

/**
 * What GitHub shows anyone about a public repository on github.com, without a login. A renamed repository is found
 * under its new name. https://docs.github.com/en/rest/repos/repos#get-a-repository
 */
export async function publicRepository(
  repository: string,
  env: Environment,
  getJson: GetJson,
): Promise<PublicFacts | NotKnown> {
  const api = apiOfGitHub(env);
  try {
    const { status, body } = await getJson(new URL(`${api}/repos/${repository}`));
    const facts = status === 200 ? repositoryFacts(body) : undefined;
    if (facts !== undefined) return facts;
    if (status === 404) return { unknown: 'GitHub has no public repository of this name' };
    if (status === 403 || status === 429) return { unknown: 'GitHub has rate-limited requests without a login' };
    return { unknown: `GitHub answered with status ${status}` };
  } catch {
    return { unknown: 'GitHub could not be reached' };
  }
}

/** GitHub Actions sets both variables together; those of another server are irrelevant for github.com. */
function apiOfGitHub({ GITHUB_SERVER_URL: server = '', GITHUB_API_URL: api = '' }: Environment): string {
  const isGitHub = URL.canParse(server) && new URL(server).hostname === GITHUB;
  return isGitHub && URL.canParse(api) ? api.replace(/\/+$/, '') : 'https://api.github.com';
}

/** The facts in a response to `GET /repos/OWNER/NAME`; undefined if an id is missing. */
export function repositoryFacts(body: unknown): PublicFacts | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { id, owner, full_name: fullName, default_branch: defaultBranch } = body as Readonly<Record<string, unknown>>;
  const ownerId = typeof owner === 'object' && owner !== null ? (owner as { readonly id?: unknown }).id : undefined;
  if (!isId(id) || !isId(ownerId)) return undefined;
  return {
    ownerId,
    repositoryId: id,
    fullName: typeof fullName === 'string' ? fullName : undefined,
    defaultBranch: typeof defaultBranch === 'string' ? defaultBranch : undefined,
  };
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}
