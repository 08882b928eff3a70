import { explain as explainError } from '../aws/explain.ts';
import { readProvider, readTrust, type TrustOfRole } from '../aws/live-trust.ts';
import { type Place, providerArn, roleArn } from '../aws/names.ts';
import { choiceHint } from '../closest.ts';
import { roleDocuments } from '../config/role-documents.ts';
import { environmentWarnings } from '../config/role-warnings.ts';
import type { Config } from '../config/schema.ts';
import { CrcError } from '../errors.ts';
import { asJson } from '../policies/canonical.ts';
import { subjectsOf } from '../policies/trust.ts';
import { diagnose } from '../trust/diagnose.ts';
import type { LiveProvider, Target } from '../trust/login.ts';
import { reachOf, riskyOperators } from '../trust/reach.ts';
import { explainDocument, explainText, type RoleVerdict, type SubjectVerdict } from '../ui/explain.ts';
import type { Io } from '../ui/io.ts';
import type { Connection } from './connection.ts';
import type { ExplainOptions } from './definitions/explain.ts';
import { type Question, questionsOf } from './explain-questions.ts';
import { type Ending, withConnection } from './frame.ts';

/** Says whether GitHub can assume a role, and if not why. 0 it can, 2 it cannot, or that is not sure. */
export async function explain(options: ExplainOptions, io: Io): Promise<number> {
  checkOptions(options);
  return await withConnection({ command: 'explain', options, io }, (connection) => answer(connection, options, io));
}

function checkOptions({ subject, token, workflow }: ExplainOptions): void {
  const given = Object.entries({ subject, token, workflow }).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    throw new CrcError(`${given.map(([name]) => `--${name}`).join(' and ')} cannot be used together.`, {
      hint: 'Pass only one of them.',
    });
  }
}

async function answer(connection: Connection, options: ExplainOptions, io: Io): Promise<Ending> {
  const { config, clients } = connection;
  const chosen = chosenRoles(config, options);
  // An unusable file is reported before anything is sent.
  const ofFile =
    options.token === undefined && options.workflow === undefined
      ? undefined
      : await questionsOf(config, options, io, chosen);
  // What GitHub says, what the account says and whose account it is are asked at the same time.
  const identity = connection.identity();
  identity.catch(() => undefined);
  await clients.load('iam');
  const account = config.accountId ?? (await identity);
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
  const questions = ofFile ?? (await questionsOf(config, options, io, chosen));

  const readable = async <T>(call: Promise<T>, name: string) =>
    await call.catch((error: unknown) => {
      throw explainError(error, name);
    });
  await identity;
  const liveProvider: LiveProvider = {
    ...(await readable(provider, config.oidcProvider.url)),
    arn: providerArn(place, config.oidcProvider.url),
    url: config.oidcProvider.url,
  };
  const verdicts = await Promise.all(
    questions.all.map(async (question) =>
      verdictOf(question, config, place, liveProvider, await readable(trustOf(question.roleName), question.roleName)),
    ),
  );
  checkKnown(options, config, verdicts);
  return {
    exitCode: verdicts.every(({ verdict }) => verdict === 'can') ? 0 : 2,
    document: (run) => explainDocument(run, verdicts, questions.notes),
    text: (run) => `${explainText(run, verdicts, questions.notes, io.color)}\n`,
  };
}

/** The names that --role and --only ask for; undefined when neither does. */
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

/** A role that neither the config nor the account has is a slip of the pen. */
function checkKnown({ role }: ExplainOptions, config: Config, verdicts: readonly RoleVerdict[]): void {
  if (role === undefined || verdicts.some(({ inConfig, exists }) => inConfig || exists)) return;
  const names = config.roles.map(({ name }) => name);
  throw new CrcError(`The role ${role} does not exist, neither in the config nor in the account.`, {
    hint: names.length === 0 ? 'The config has no roles.' : choiceHint([role], names, '--role'),
  });
}

function verdictOf(
  { roleName, role, presented }: Question,
  config: Config,
  place: Place,
  provider: LiveProvider,
  live: TrustOfRole | undefined,
): RoleVerdict {
  const trust = live === undefined ? undefined : JSON.parse(live.trust);
  const wanted = role === undefined ? undefined : asJson(roleDocuments(config, role, place).trust);
  const arn = roleArn(place, roleName);
  const target: Target = {
    accountId: place.accountId,
    provider,
    role: { name: roleName, arn, trust, maxSessionSeconds: live?.maxSessionSeconds ?? 3_600 },
    wanted,
  };
  const diagnosed = presented.map((one) => ({ one, result: diagnose(one.presentation, target) }));
  const subjects: readonly SubjectVerdict[] = diagnosed.map(({ one, result }) => ({
    subject: one.subject,
    form: one.form,
    job: one.job,
    event: one.event,
    expected: one.expected,
    doubt: one.doubt,
    verdict: result.verdict,
    decision: result.decision,
    causes: result.causes,
  }));
  const risky = diagnosed[0]?.result.evaluation;
  const reach =
    trust === undefined || wanted === undefined || role === undefined
      ? undefined
      : reachOf({
          accountId: place.accountId,
          roleName,
          roleArn: arn,
          provider,
          audiences: config.oidcProvider.audiences,
          subjects: subjectsOf(role.trust),
          live: trust,
          wanted,
        });
  return {
    name: roleName,
    arn,
    inConfig: role !== undefined,
    exists: live !== undefined,
    verdict: together(subjects),
    subjects,
    warnings: [
      ...(reach?.letIn ?? []).map((who) => `not in the config, but can assume the role: ${who}`),
      ...(role === undefined ? [] : environmentWarnings(role, `roles[${config.roles.indexOf(role)}]`)),
      ...(risky === undefined ? [] : riskyOperators(risky, roleName).map(({ cause, mend }) => `${cause} ${mend}`)),
    ],
    hidden: hiddenFrom(live),
  };
}

/** All that are meant to get in must; where none is, one that does is enough. */
function together(subjects: readonly SubjectVerdict[]): RoleVerdict['verdict'] {
  const expected = subjects.filter((one) => one.expected);
  if (expected.length === 0) return subjects.some(({ verdict }) => verdict === 'can') ? 'can' : 'cannot';
  if (expected.every(({ verdict }) => verdict === 'can')) return 'can';
  return expected.some(({ verdict }) => verdict === 'cannot') ? 'cannot' : 'unknown';
}

/** What reading the role cannot show. */
function hiddenFrom(live: TrustOfRole | undefined): string {
  const boundary =
    live?.permissionsBoundary === undefined
      ? ''
      : `, and what its permissions boundary ${live.permissionsBoundary} denies after the login`;
  return `crc cannot see what service control policies and resource control policies of the organization deny${boundary}.`;
}
