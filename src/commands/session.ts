import type { Call, CallCount } from '../aws/calls.ts';
import { createClients } from '../aws/clients.ts';
import { explain } from '../aws/explain.ts';
import { accountOf } from '../aws/identity.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { Blocked, Interrupted, NotConverged } from '../engine/apply.ts';
import { type Plan, plan } from '../engine/plan.ts';
import type { Resource } from '../engine/resource.ts';
import type { Consent, Result } from '../engine/types.ts';
import { CrcError } from '../errors.ts';
import { withOwner } from '../resources/context.ts';
import { resourcesOf } from '../resources/index.ts';
import type { Io } from '../ui/io.ts';
import { createProgress, type Progress } from '../ui/progress.ts';
import type { OutcomeView, ResourceView, RunView } from '../ui/view.ts';
import type { GlobalOptions } from './options.ts';

/** A config, the resources it asks for, and all that it takes to plan and apply them. */
export interface Session {
  readonly config: Config;
  readonly progress: Progress;
  /** Ids that are only read, since a selected resource needs them. */
  readonly readOnly: ReadonlySet<string>;
  /** Reads everything at once. Throws when the credentials are unusable or another account's. */
  plan(consent: Consent): Promise<Plan>;
  /** What the run was about so far. */
  run(): RunView;
}

export interface SessionOptions {
  readonly command: string;
  readonly options: GlobalOptions;
  /** Whether what the selected resources need is read as well. */
  readonly withNeeds: boolean;
  readonly io: Io;
  readonly signal: AbortSignal;
}

/** Loads the config and makes clients and resources. Sends nothing but the question whose credentials these are. */
export async function openSession({ command, options, withNeeds, io, signal }: SessionOptions): Promise<Session> {
  const start = performance.now();
  checkEndpoints(options, io);
  const { config } = await loadConfig({ cwd: io.cwd, file: options.config, region: options.region });
  const progress = await createProgress(io);
  const apiCalls: CallCount = { read: 0, write: 0 };
  const clients = createClients({
    region: config.region,
    profile: options.profile,
    endpointUrl: options.endpointUrl,
    count: apiCalls,
    report: (call) => {
      if (options.verbose) progress.line(callLine(call));
    },
  });

  const resourcesIn = (accountId: string) =>
    resourcesOf(config, { clients, place: { accountId, region: config.region }, tags: withOwner(config.tags), signal });
  // An id that the config does not have is refused before anything is sent; ids do not depend on the account.
  select(resourcesIn(config.accountId ?? ''), options.only);

  // With the account in the config, everything is read while AWS is asked whose credentials these are.
  const identity = accountOf(clients, config.accountId, options.profile ?? io.env.AWS_PROFILE);
  identity.catch(() => undefined);
  const accountId = config.accountId ?? (await identity);
  const all = resourcesIn(accountId);
  const selected = select(all, options.only);
  const needed = withNeeds ? neededBy(selected, all) : [];

  return {
    config,
    progress,
    readOnly: new Set(needed.map(({ id }) => id)),
    async plan(consent) {
      const [planned] = await Promise.all([plan([...needed, ...selected], consent, progress.report), identity]);
      return planned;
    },
    run: () => ({
      command,
      accountId,
      region: config.region,
      apiCalls: { ...apiCalls },
      durationMs: Math.round(performance.now() - start),
    }),
  };
}

/** The SDK itself answers a bad URL with a fault of its own. */
function checkEndpoints({ endpointUrl }: GlobalOptions, { env }: Io): void {
  const given = [
    ['--endpoint-url', endpointUrl] as const,
    ...Object.entries(env).filter(([name]) => name.startsWith('AWS_ENDPOINT_URL')),
  ];
  for (const [name, url] of given) {
    if (!url || (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))) continue;
    throw new CrcError(`${name}: "${url}" is not a URL.`, { hint: 'Write one like http://127.0.0.1:5000.' });
  }
}

function select(all: readonly Resource[], only: readonly string[] | undefined): readonly Resource[] {
  if (only === undefined || only.length === 0) return all;
  const unknown = only.filter((id) => !all.some((one) => one.id === id));
  if (unknown.length > 0) {
    throw new CrcError(`--only: the config has no ${unknown.map((id) => `"${id}"`).join(' and no ')}.`, {
      hint: `It has ${all.map(({ id }) => id).join(', ')}.`,
    });
  }
  return all.filter(({ id }) => only.includes(id));
}

function neededBy(selected: readonly Resource[], all: readonly Resource[]): readonly Resource[] {
  const ids = new Set(selected.flatMap(({ needs }) => needs));
  return all.filter((one) => ids.has(one.id) && !selected.includes(one));
}

function callLine({ service, operation, milliseconds, requestId, attempts, error }: Call): string {
  const tries = attempts > 1 ? `, ${attempts} attempts` : '';
  const failed = error === undefined ? '' : `, ${error}`;
  return `${service}:${operation} ${milliseconds} ms${tries}${failed} (${requestId ?? 'no request id'})`;
}

/** A plan in the form that renderers take. */
export function resourceViews(planned: Plan): readonly ResourceView[] {
  return planned.map(({ resource, finding: { error, ...finding }, inspection }) => ({
    finding,
    error: error === undefined ? undefined : asCrcError(error, resource),
    want: resource.want,
    notes: inspection?.notes ?? [],
    irreversible: finding.status === 'conflict' ? [] : (inspection?.irreversible ?? []),
  }));
}

export function outcomeViews(results: readonly Result[], planned: Plan): readonly OutcomeView[] {
  return results.map(({ id, outcome, error }) => ({
    id,
    outcome,
    error: error === undefined ? undefined : asCrcError(error, planned.find((one) => one.resource.id === id)?.resource),
  }));
}

function asCrcError(error: unknown, resource: Resource | undefined): CrcError {
  if (error instanceof Blocked) {
    return new CrcError(error.message, {
      hint: 'Settle this, and run crc bootstrap again.',
      cause: error,
    });
  }
  // A wait of the SDK that is told to stop ends with an AbortError.
  if (error instanceof Interrupted || (error instanceof Error && error.name === 'AbortError')) {
    return new CrcError('It was stopped before it was done.', { hint: 'Run it again to go on.', cause: error });
  }
  if (error instanceof NotConverged) {
    return new CrcError(`${error.message}.`, {
      hint: 'Something else may be changing it, or AWS is slow to show the change: run `crc verify` in a minute.',
      cause: error,
    });
  }
  return explain(error, resource?.name);
}

/** What the config asks for and this version does not do. Said aloud, so that nobody takes silence for success. */
export function unhandled({ functions, roles }: Config): readonly string[] {
  const names = functions.map(({ name }) => name).join(', ');
  const crcRoles = roles.filter(({ crc }) => crc.length > 0).map(({ name }) => name);
  return [
    ...(functions.length === 0
      ? []
      : [`note: this version of crc does not handle functions yet: ${names} is neither made nor checked`]),
    ...(crcRoles.length === 0
      ? []
      : [
          `note: this version of crc does not handle "crc" of a role yet: ${crcRoles.join(', ')} gets no statements for it`,
        ]),
  ];
}
