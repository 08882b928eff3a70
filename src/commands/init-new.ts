import { relative } from 'node:path';
import { parseConfig } from '../config/parse.ts';
import { isKeptFor, stateKey, workspaceKeyPrefix } from '../config/state-keys.ts';
import { defaultBranchOf, filesNamed, gitRoot, remoteOf } from '../github/clone.ts';
import { GITHUB } from '../github/host.ts';
import { publicRepository } from '../github/public.ts';
import { gitHubRepository } from '../github/repository.ts';
import { type Answers, newConfig, projectId } from '../init/config.ts';
import { projectName } from '../init/names.ts';
import { type PlacedState, statesOf } from '../init/survey/proposal.ts';
import type { Survey } from '../init/survey/survey.ts';
import { DEFAULT_WORKSPACE_PREFIX } from '../policies/terraform.ts';
import { slashes } from '../slashes.ts';
import type { AccountView } from '../ui/account.ts';
import type { Io } from '../ui/io.ts';
import type { InitOptions } from './definitions/init.ts';
import { answersOf, type Surroundings } from './init-answers.ts';
import type { InitConfig } from './init-existing.ts';
import { CONFIG } from './init-files.ts';
import { suggestionsIn } from './init-survey.ts';

/** A new config, and where its states are kept. */
export interface NewProject extends InitConfig {
  readonly states: readonly PlacedState[];
  /** What the account has, if the config comes from it. */
  readonly account?: AccountView;
}

/** The inputs of a new config. */
export interface NewInput {
  readonly options: InitOptions;
  readonly io: Io;
  readonly survey: Survey;
  /** There is a terminal to prompt in. */
  readonly asks: boolean;
  /** Shows a line to the user. */
  readonly show: (line: string) => void;
}

/** The config according to the answers. @throws the errors of the prompts. */
export async function newProject({ options, io, survey, asks, show }: NewInput): Promise<NewProject> {
  const surroundings = await surroundingsOf(options, io, survey);
  const answers = await answersOf({ options, surroundings, asks, show });
  const isChosen = options.bucket !== undefined || answers.bucket !== surroundings.suggestions.bucket;
  const { fresh, states } = freshConfig(answers, survey, { moves: options.force && isChosen });
  const text = `${JSON.stringify(fresh, null, 2)}\n`;
  return { text, config: parseConfig(text, CONFIG), states };
}

/**
 * The config of a project that has nothing in AWS yet, with the states in its code. `moves`: including those in another
 * bucket.
 */
export function freshConfig(
  answers: Answers,
  survey: Survey,
  { moves }: { readonly moves: boolean | undefined },
): { readonly fresh: object; readonly states: readonly PlacedState[] } {
  const project = projectName(projectId(answers));
  const all = statesOf(survey, { bucket: answers.bucket, project, check: stateKey, moves });
  // A config with such a key would be rejected; `crc backend --check` reports it.
  const states = all.filter(
    ({ key }) => !all.some((other) => isKeptFor({ key: other.key, prefix: prefixOf(other) }, key)),
  );
  const known = states.map((state) => {
    const prefix = prefixOf(state);
    return { key: state.key, workspaceKeyPrefix: prefix === DEFAULT_WORKSPACE_PREFIX ? undefined : prefix };
  });
  return { fresh: newConfig({ ...answers, states: known.length === 0 ? undefined : known }), states };
}

/** Where a backend keeps the states of workspaces. */
function prefixOf({ backend, replaced }: PlacedState): string {
  const prefix = (backend ?? replaced)?.arguments.workspace_key_prefix;
  return typeof prefix === 'string' && workspaceKeyPrefix(prefix) === undefined ? prefix : DEFAULT_WORKSPACE_PREFIX;
}

/** The surroundings of a new project: git, GitHub, the AWS credentials, and the code. */
export async function surroundingsOf(options: InitOptions, { cwd, env }: Io, survey: Survey): Promise<Surroundings> {
  const [{ discoverPlace }, { getJson }] = await Promise.all([
    import('../aws/discover.ts'),
    import('../aws/get-json.ts'),
  ]);
  const place = discoverPlace({ ...options, env });
  // It is awaited later, when nothing may be left to handle its failure.
  place.catch(() => undefined);
  const [remote, branch, folder] = await Promise.all([
    remoteOf(cwd, env),
    defaultBranchOf(cwd, env),
    folderBeside(cwd, env),
  ]);
  return {
    remote,
    branch,
    folder,
    place,
    suggestions: suggestionsIn(survey),
    async lookup(repository) {
      const [byGh, byApi] = await Promise.all([
        gitHubRepository({ host: GITHUB, repository }, cwd, env),
        publicRepository(repository, env, getJson),
      ]);
      return byGh ?? byApi;
    },
  };
}

/**
 * The project's folder in the clone if another folder already has a config, since two projects with the same names
 * would overwrite each other's state. Otherwise empty.
 */
async function folderBeside(cwd: string, env: Io['env']): Promise<string> {
  const root = gitRoot(cwd);
  if (root === undefined) return '';
  const folder = slashes(relative(root, cwd));
  const own = folder === '' ? CONFIG : `${folder}/${CONFIG}`;
  const otherConfigs = (await filesNamed(CONFIG, root, env)).filter((path) => path !== own);
  return otherConfigs.length === 0 ? '' : folder;
}
