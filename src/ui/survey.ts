import { enumerated } from '../enumerated.ts';
import { shown } from './foreign.ts';
import { type LabelRow, rowsUpTo, rowTexts } from './label-rows.ts';

/** What a repository already has. */
export interface SurveyView {
  readonly terraform: readonly {
    readonly directory: string;
    readonly backends: readonly {
      readonly type: string;
      readonly arguments: Readonly<Record<string, unknown>>;
      readonly unknown: readonly string[];
      readonly file: string;
      readonly line: number;
    }[];
    readonly providers: readonly { readonly name: string; readonly alias?: string; readonly region?: string }[];
    readonly terraformVersion?: string;
    readonly localStates: readonly string[];
    readonly unread: readonly string[];
  }[];
  readonly committedStates: readonly string[];
  readonly workflows: readonly {
    readonly path: string;
    readonly logins: readonly { readonly job: string; readonly with: 'access-keys' | 'oidc'; readonly role?: string }[];
    readonly appliesTerraform: boolean;
  }[];
  readonly functions: readonly {
    readonly directory: string;
    readonly language: 'python' | 'node';
    readonly handler: string;
  }[];
  readonly frameworks: readonly { readonly path: string; readonly kind: 'serverless' | 'sam' }[];
}

/** What is proposed for it. */
export interface ProposalView {
  readonly adopt: {
    readonly bucket: string | null;
    readonly lockTable: string | null;
    /** The region of both; null if it is the project's. */
    readonly region: string | null;
  };
  readonly states: readonly { readonly key: string; readonly directory: string; readonly backend?: object }[];
  readonly moves: readonly string[];
  readonly untrack?: string;
  readonly logins: readonly { readonly path: string; readonly jobs: readonly string[]; readonly patch?: string }[];
  readonly directory: string;
  readonly notes: readonly string[];
}

const capped = rowsUpTo(3);

/** Findings and proposals. */
export function surveyText(survey: SurveyView, proposal: ProposalView): string {
  const [seen = '', proposed = ''] = rowTexts(foundRows(shown(survey)), proposedRows(shown(proposal), shown(survey)));
  return `Found in this repository:\n${seen}${proposed === '' ? '' : `Proposed:\n${proposed}`}`;
}

function foundRows({ terraform, committedStates, workflows, functions, frameworks }: SurveyView): readonly LabelRow[] {
  return [
    ...capped(
      'terraform',
      terraform.map((folder) => `${folder.directory}: ${stateText(folder)}`),
    ),
    ...capped('same key', sharedKeys(terraform)),
    ...stateInGit(committedStates),
    ...capped('workflow', workflows.map(workflowText)),
    ...capped(
      'function',
      functions.map(
        ({ directory, handler, language }) =>
          `${directory}: ${handler} (${language === 'python' ? 'Python' : 'Node.js'})`,
      ),
    ),
    ...capped(
      'framework',
      frameworks.map(({ path }) => path),
    ),
  ];
}

function stateInGit([first, ...more]: readonly string[]): readonly LabelRow[] {
  if (first === undefined) return [];
  const andMore = more.length === 0 ? '' : ` and ${more.length} more`;
  return [['in git', `${first}${andMore}: secrets in it count as leaked`]];
}

/** Folders that write one object: `a and b overwrite each other's state`. */
function sharedKeys(terraform: SurveyView['terraform']): readonly string[] {
  const directories = new Map<string, readonly string[]>();
  for (const { directory, backends } of terraform) {
    for (const { type, arguments: given } of backends) {
      if (type !== 's3' || given.bucket === undefined || given.key === undefined) continue;
      const place = JSON.stringify([given.bucket, given.key]);
      directories.set(place, [...(directories.get(place) ?? []), directory]);
    }
  }
  return [...directories.values()]
    .filter((sharing) => sharing.length > 1)
    .map((sharing) => `${enumerated(sharing)} overwrite each other's state`);
}

function stateText({ backends, localStates, providers, unread }: SurveyView['terraform'][number]): string {
  const [backend, another] = backends;
  if (backend === undefined && unread.length > 0) return `could not be read (${unread.join(', ')})`;
  if (backend === undefined) {
    const region = providers.find(({ name, alias }) => name === 'aws' && alias === undefined)?.region;
    const [local] = localStates;
    return ['no backend', local === undefined ? undefined : `state in ${local}`, region].filter(Boolean).join(', ');
  }
  const more = another === undefined ? '' : ` and ${backends.length - 1} more`;
  if (backend.type !== 's3') return `state in ${backend.type === 'cloud' ? 'HCP Terraform' : backend.type}${more}`;
  const { bucket, key, region, dynamodb_table: table, use_lockfile: lockFile } = backend.arguments;
  const locks = [...(table === undefined ? [] : [`table ${table}`]), ...(lockFile === true ? ['lock file'] : [])];
  const place = [`s3://${bucket ?? '(at init)'}/${key ?? '(at init)'}`, ...(region === undefined ? [] : [region])];
  return `${[...place, locks.join(' and ') || 'no lock'].join(', ')}${more}`;
}

function workflowText({ path, logins }: SurveyView['workflows'][number]): string {
  const of = (kind: 'access-keys' | 'oidc') => [
    ...new Set(logins.filter((login) => login.with === kind).map(({ job }) => job)),
  ];
  const roles = [...new Set(logins.flatMap(({ role }) => (role === undefined ? [] : [role])))];
  const texts = [
    ...(of('access-keys').length === 0 ? [] : [`access keys in ${of('access-keys').join(', ')}`]),
    ...(of('oidc').length === 0 ? [] : [`OIDC in ${of('oidc').join(', ')} (${roles.join(', ')})`]),
  ];
  return `${fileName(path)}: ${texts.join('; ') || 'no login to AWS'}`;
}

function proposedRows(
  { adopt, states, untrack, logins, directory, moves }: ProposalView,
  { terraform, workflows }: SurveyView,
): readonly LabelRow[] {
  const adopted = [
    ...(adopt.bucket === null ? [] : [`the bucket ${adopt.bucket}`]),
    ...(adopt.lockTable === null ? [] : [`the table ${adopt.lockTable}`]),
  ];
  const begun = states.filter(
    (state) => state.backend === undefined && terraform.some((folder) => folder.directory === state.directory),
  );
  const runsTerraform = directory !== '.' && !workflows.some(({ appliesTerraform }) => appliesTerraform);
  return [
    ...(adopted.length === 0
      ? []
      : [['adopt', `${adopted.join(' and ')}${adopt.region === null ? '' : `, in ${adopt.region}`}`] as const]),
    ...capped(
      'backend',
      begun.map(({ directory: at, key }) => `${at === '.' ? '' : `${at}/`}backend.tf with the key ${key}`),
    ),
    ...capped('then run', [...moves, ...(untrack === undefined ? [] : [untrack])]),
    ...(runsTerraform ? [['workflow', `runs Terraform in ${directory}`] as const] : []),
    ...capped(
      'OIDC',
      logins.map(({ path, jobs, patch }) =>
        patch === undefined
          ? `${fileName(path)}: replace the access keys of ${jobs.join(', ')} manually`
          : `${fileName(path)}: a role replaces the access keys of ${jobs.join(', ')} (see below)`,
      ),
    ),
  ];
}

/** A workflow under its usual name. */
function fileName(path: string): string {
  return path.replace(/^\.github\/workflows\//, '');
}

/** What follows the files: sentences, then each workflow change as a patch. */
export function patchesText({ logins }: Pick<ProposalView, 'logins'>): string {
  return logins
    .flatMap(({ path, patch }) => (patch === undefined ? [] : [{ path, patch }]))
    .map(({ patch }) =>
      patch
        .split('\n')
        .map((line) => shown(line))
        .join('\n'),
    )
    .join('\n');
}

/** The findings in the document of `init`. */
export function surveyDocument({ terraform, committedStates, workflows, functions, frameworks }: SurveyView): object {
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  return {
    terraform: terraform.map(({ directory, backends, providers, terraformVersion, localStates, unread }) => ({
      directory,
      backends: backends.map(({ type, arguments: given, unknown, file, line }) => ({
        type,
        bucket: text(given.bucket),
        key: text(given.key),
        region: text(given.region),
        dynamodbTable: text(given.dynamodb_table),
        useLockfile: given.use_lockfile === true,
        profile: text(given.profile),
        workspaceKeyPrefix: text(given.workspace_key_prefix),
        unknown,
        place: `${file}:${line}`,
      })),
      providers: providers.map(({ name, alias, region }) => ({ name, alias: alias ?? null, region: region ?? null })),
      terraformVersion: terraformVersion ?? null,
      localStates,
      unread,
    })),
    committedStates,
    workflows: workflows.map(({ path, logins, appliesTerraform }) => ({
      path,
      appliesTerraform,
      logins: logins.map(({ job, with: kind, role }) => ({ job, with: kind, role: role ?? null })),
    })),
    functions,
    frameworks,
  };
}

/** The proposal in the document of `init`. */
export function proposalDocument(proposal: ProposalView): object {
  const { adopt, states, moves, untrack, logins, directory, notes } = proposal;
  return {
    adopt,
    states: states.map(({ key, directory: at, backend }) => ({ key, directory: at, exists: backend !== undefined })),
    commands: [...moves, ...(untrack === undefined ? [] : [untrack])],
    workflowDirectory: directory,
    logins: logins.map(({ path, jobs, patch }) => ({ path, jobs, patch: patch ?? null })),
    notes,
  };
}
