import { type Place, providerArn, roleArn } from '../aws/arns.ts';
import { explain as explainError } from '../aws/explain.ts';
import { readProvider, readTrust, type TrustOfRole } from '../aws/live-trust.ts';
import { choiceHint } from '../closest.ts';
import { roleDocuments } from '../config/role-documents.ts';
import { environmentWarnings } from '../config/role-warnings.ts';
import type { Config } from '../config/schema.ts';
import { CrcError } from '../errors.ts';
import { asJson } from '../policies/canonical.ts';
import { subjectsOf } from '../policies/trust.ts';
import { foreignOwner, fromTagList, wantedTags } from '../resources/tags.ts';
import type { LiveProvider, Target } from '../trust/login.ts';
import {
  formSentence,
  type Meant,
  openVerdicts,
  type RoleVerdict,
  roleVerdict,
  unreadVerdict,
} from '../trust/role-verdict.ts';
import type { SubjectVerdict } from '../trust/verdict.ts';
import { explainDocument, explainText } from '../ui/explain.ts';
import type { Io } from '../ui/io.ts';
import type { Connection } from './connection.ts';
import type { ExplainOptions } from './definitions/explain.ts';
import type { Question, Questions } from './explain-question.ts';
import { questionsOf } from './explain-questions.ts';
import { type Ending, withConnection } from './frame.ts';

/** Reports whether GitHub can assume a role, and if not, why. 0 it can, 2 it cannot, or it is not sure. */
export async function explain(options: ExplainOptions, io: Io): Promise<number> {
  checkOptions(options);
  if (options.denied !== undefined) {
    const { explainDenied } = await import('./explain-denied.ts');
    return await explainDenied({ ...options, denied: options.denied }, io);
  }
  return await withConnection({ command: 'explain', options, io }, (connection) => answer(connection, options, io));
}

/** Flags of which each command line has at most one: what is asked, and about which roles. A log names its own roles. */
function checkOptions({ subject, token, workflow, denied, role, only }: ExplainOptions): void {
  for (const flags of [
    { subject, token, workflow, denied },
    { denied, role, only },
  ]) {
    const given = Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`]));
    if (given.length < 2) continue;
    throw new CrcError(`${given.join(' and ')} cannot be used together.`, { hint: 'Pass only one of them.' });
  }
}

async function answer(connection: Connection, options: ExplainOptions, io: Io): Promise<Ending> {
  const { config, clients } = connection;
  const chosen = chosenRoles(config, options);
  // An unusable file is reported before anything is sent.
  const ofFile =
    options.token === undefined && options.workflow === undefined
      ? undefined
      : await questionsOf(config, options, io, { chosen, trustOf: async () => undefined });
  // GitHub, the account and its identity are queried in parallel. Each is awaited below; until then nothing handles its
  // failure.
  const identity = connection.identity();
  identity.catch(() => undefined);
  await clients.load('iam');
  const account = config.accountId ?? (await identity);
  checkAccount(options, config, account);
  const place: Place = { accountId: account, region: config.region };
  const provider = readProvider(clients, providerArn(place, config.oidcProvider.url));
  const live = new Map<string, Promise<TrustOfRole | undefined>>();
  const trustOf = (name: string) => {
    const known = live.get(name) ?? readTrust(clients, name);
    known.catch(() => undefined);
    live.set(name, known);
    return known;
  };
  provider.catch(() => undefined);
  for (const name of chosen ?? []) trustOf(name);
  // A role that cannot be read is reported below.
  const livePolicy = async (name: string) => {
    const live = await trustOf(name).catch(() => undefined);
    return live === undefined ? undefined : JSON.parse(live.trust);
  };
  const questions = ofFile ?? (await questionsOf(config, options, io, { chosen, trustOf: livePolicy }));

  await identity;
  const { url } = config.oidcProvider;
  const liveProvider: LiveProvider = {
    ...(await provider.catch((error: unknown) => {
      throw explainError(error, url);
    })),
    arn: providerArn(place, config.oidcProvider.url),
    url,
  };
  const names = [...new Set([...questions.all.map(({ roleName }) => roleName), ...questions.candidates])];
  const { trusts, unread } = await readAll(names, trustOf, connection.signal);
  const roles = trusts.map(({ name, trust }) => roleOf(name, config, place, liveProvider, trust));
  const unreadVerdicts = unread.map(({ name, error }) => {
    const role = config.roles.find((own) => own.name === name);
    const arn = roleArn(place, name, role?.path);
    return unreadVerdict({ name, arn, inConfig: role !== undefined, why: `${error.message} ${error.hint}` });
  });
  const verdicts = [...verdictsOn(questions, roles), ...unreadVerdicts];
  checkKnown(options, config, verdicts);
  const { repository } = questions;
  const form = repository === undefined ? undefined : formSentence(repository, verdicts);
  const notes = [...(form === undefined ? [] : [form]), ...questions.notes];
  return {
    exitCode: unread.length > 0 ? 1 : verdicts.length > 0 && verdicts.every(({ verdict }) => verdict === 'can') ? 0 : 2,
    document: (run) => explainDocument(run, verdicts, notes),
    text: (run) => `${explainText(run, verdicts, notes, io.color)}\n`,
  };
}

interface ReadRoles {
  /** Undefined for a role that does not exist. */
  readonly trusts: readonly { readonly name: string; readonly trust: TrustOfRole | undefined }[];
  readonly unread: readonly { readonly name: string; readonly error: CrcError }[];
}

/** Reads the roles; the verdicts on some do not depend on the others. @throws CrcError if none can be read. */
async function readAll(
  names: readonly string[],
  trustOf: (name: string) => Promise<TrustOfRole | undefined>,
  signal: AbortSignal,
): Promise<ReadRoles> {
  const answers = await Promise.all(
    names.map((name) =>
      trustOf(name).then(
        (trust) => ({ name, trust }),
        (error: unknown) => ({ name, error: explainError(error, name) }),
      ),
    ),
  );
  const trusts = answers.filter((answer) => 'trust' in answer);
  const unread = answers.filter((answer) => 'error' in answer);
  const [first] = unread;
  if (first !== undefined && (trusts.length === 0 || signal.aborted)) throw first.error;
  return { trusts, unread };
}

/** The names given with --role and --only; undefined without both. */
function chosenRoles(config: Config, { role, only }: ExplainOptions): readonly string[] | undefined {
  const ids = config.roles.map(({ name }) => `role/${name}`);
  const unknown = (only ?? []).filter((id) => !ids.includes(id));
  if (unknown.length > 0) {
    throw new CrcError(`--only: unknown role ${unknown.map((id) => `"${id}"`).join(', ')}.`, {
      hint: ids.length === 0 ? 'The config has no roles.' : choiceHint(unknown, ids, '--only'),
    });
  }
  if (role !== undefined) return [role.replace(/^role\//, '').replace(/^arn:[^:]+:iam::\d{12}:role\/(?:.*\/)?/, '')];
  return only === undefined || only.length === 0 ? undefined : only.map((id) => id.slice('role/'.length));
}

/** A role of the same name in this account says nothing about one in another. */
function checkAccount({ role }: ExplainOptions, { accountId }: Config, account: string): void {
  const given = /^arn:[^:]+:iam::(\d{12}):role\//.exec(role ?? '')?.[1];
  if (given === undefined || given === account) return;
  const [subject, hint] =
    accountId === undefined
      ? ['these credentials are', 'Pass credentials for its account with --profile.']
      : ['the config is', 'Pass the config for its account with --config.'];
  throw new CrcError(`The role ${role} is in account ${given}, but ${subject} for account ${account}.`, { hint });
}

/** A role that is neither in the config nor in the account is a typo. */
function checkKnown({ role }: ExplainOptions, config: Config, verdicts: readonly RoleVerdict[]): void {
  if (role === undefined || verdicts.some(({ inConfig, exists, arn }) => inConfig || exists || arn === '')) return;
  const names = config.roles.map(({ name }) => name);
  throw new CrcError(`The role ${role} does not exist, neither in the config nor in the account.`, {
    hint: names.length === 0 ? 'The config has no roles.' : choiceHint([role], names, '--role'),
  });
}

/** A role as it is in the account, and as the config defines it. */
interface RoleInAccount {
  readonly target: Target;
  readonly meant: Meant | undefined;
  readonly permissionsBoundary: string | undefined;
}

function roleOf(
  name: string,
  config: Config,
  place: Place,
  provider: LiveProvider,
  live: TrustOfRole | undefined,
): RoleInAccount {
  const index = config.roles.findIndex((role) => role.name === name);
  const role = config.roles[index];
  const wanted = role === undefined ? undefined : asJson(roleDocuments(config, role, place).trust);
  return {
    target: {
      accountId: place.accountId,
      provider,
      role: {
        name,
        // The role may have a different path from the config, or is not in the config.
        arn: live?.arn ?? roleArn(place, name, role?.path),
        trust: live === undefined ? undefined : JSON.parse(live.trust),
        maxSessionSeconds: live?.maxSessionSeconds ?? 3_600,
        foreign:
          live === undefined || role === undefined
            ? undefined
            : foreignOwner(fromTagList(live.tags), wantedTags(config)),
      },
      wanted,
    },
    meant:
      role === undefined
        ? undefined
        : {
            audiences: config.oidcProvider.audiences,
            subjects: subjectsOf(role.trust),
            warnings: environmentWarnings(role, `roles[${index}]`),
          },
    permissionsBoundary: live?.permissionsBoundary,
  };
}

/** The selected roles, then the unknown ones. */
function verdictsOn({ all, open, candidates }: Questions, roles: readonly RoleInAccount[]): readonly RoleVerdict[] {
  const isCandidate = ({ target }: RoleInAccount) => candidates.includes(target.role.name);
  const { assumed, unknown } = openVerdicts(
    open,
    roles.filter(isCandidate).map(({ target }) => target),
  );
  const known = roles.flatMap((role) => {
    const { name } = role.target.role;
    const requests = all.filter(({ roleName }: Question) => roleName === name).flatMap((question) => question.requests);
    const more: readonly SubjectVerdict[] = assumed.get(name) ?? [];
    return requests.length + more.length === 0 ? [] : [roleVerdict({ ...role, requests, assumed: more })];
  });
  return [...known, ...unknown];
}
