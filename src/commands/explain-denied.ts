import { basename } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { roleDocuments } from '../config/role-documents.ts';
import type { Config } from '../config/schema.ts';
import { decoded } from '../decoded.ts';
import { CrcError, failingAs } from '../errors.ts';
import { roleOf } from '../policies/role-name.ts';
import { type Denial, denialsIn } from '../trust/denials.ts';
import { type DeniedStatement, grantOf } from '../trust/denied.ts';
import { type DenialView, deniedDocument, deniedStatementText, deniedText } from '../ui/denied.ts';
import type { Io } from '../ui/io.ts';
import { printOut } from '../ui/print.ts';
import { selfChange, selfChangeWarning } from './denied-self-change.ts';
import { type AllowStatement, actionOf, allow, isArn, unnamedReceiver } from './denied-statement.ts';
import { givenInput } from './given-file.ts';
import type { GlobalOptions } from './options.ts';

export interface DeniedOptions extends GlobalOptions {
  /** A log, or `-` for stdin. */
  readonly denied: string;
}

/**
 * Explains, for each denied call in a log, what denied it and what to add where. 0 none found, 2 some found. Sends
 * nothing.
 */
export async function explainDenied(options: DeniedOptions, io: Io): Promise<number> {
  const log = await logOf(options.denied, io);
  const config = await configOf(options, io);
  const denials = denialsIn(log).map((denial) => viewOf(denial, config));
  if (options.json) io.out(`${deniedDocument(denials)}\n`);
  else await show(denials, io);
  return denials.length === 0 ? 0 : 2;
}

async function show(denials: readonly DenialView[], io: Io): Promise<void> {
  if (denials.length === 0) await printOut(io, 'No denied call was found in the log.\n');
  for (const [at, denial] of denials.entries()) {
    await printOut(io, `${at === 0 ? '' : '\n'}${deniedText(denial, io.color)}`);
    // Statements are for pasting, so they are never wrapped.
    io.out(deniedStatementText(denial));
  }
}

/** More than any log of a job. */
const MAX_LOG_BYTES = 256 * 1024 * 1024;

async function logOf(file: string, io: Io): Promise<string> {
  const name = file === '-' ? 'stdin' : file;
  const log = await failingAs(`The log ${file} cannot be read`, givenInput(file, io.cwd, MAX_LOG_BYTES));
  if (log.length === 0) {
    throw new CrcError(`${name} is empty.`, {
      hint: 'Pass a log of Terraform, an AWS SDK or a job: `gh run view --log-failed | crc explain --denied -`.',
    });
  }
  const text = decoded(log);
  if (text.includes('\0')) {
    throw new CrcError(`${name} is not a text file.`, {
      hint: 'Pass the log as plain text; decompress it first if necessary.',
    });
  }
  return text;
}

interface LoadedConfig {
  readonly config: Config;
  readonly name: string;
}

/** A log can be explained without a config, but an invalid config must be fixed first. */
async function configOf({ config: file, region }: GlobalOptions, io: Io): Promise<LoadedConfig | undefined> {
  try {
    const loaded = await loadConfig({ cwd: io.cwd, file, region });
    return { config: loaded.config, name: loaded.above ?? basename(loaded.file) };
  } catch (error) {
    if (file !== undefined || !(error instanceof CrcError) || error.issues !== undefined) throw error;
    return undefined;
  }
}

interface Answer extends Pick<DenialView, 'cause' | 'fix'> {
  readonly statement: AllowStatement | undefined;
}

function viewOf(reported: Denial, config: LoadedConfig | undefined): DenialView {
  const denial = reported.action === '' ? { ...reported, action: actionOf(reported.operation) } : reported;
  const { cause, fix, statement } = answerTo(denial, config);
  const decode = `The message has more: \`aws sts decode-authorization-message --query DecodedMessage --output text --encoded-message MESSAGE\` shows it, with what follows "Encoded authorization failure message:" in the log.`;
  const isUnnamed = !isArn(denial.resource) && statement !== undefined && statement.Resource !== '*';
  const danger = statement === undefined ? undefined : selfChangeWarning(denial);
  const receiver = statement === undefined ? undefined : unnamedReceiver(denial);
  return {
    ...denial,
    cause,
    fix: [
      ...(denial.encoded ? [decode] : []),
      ...(isUnnamed
        ? [
            `AWS does not say ${denial.resource === undefined ? 'on which resource' : 'the ARN of the resource'}: replace the words in capitals.`,
          ]
        : []),
      ...(receiver === undefined ? [] : [receiver]),
      ...(statement !== undefined && denial.action === 'sts:AssumeRole' && denial.policy === 'unknown'
        ? ["The role's trust policy must let the caller in as well."]
        : []),
      ...(danger === undefined ? [] : [danger]),
      fix,
    ].join(' '),
    statement,
  };
}

function answerTo(denial: Denial, config: LoadedConfig | undefined): Answer {
  if (denial.action === '') {
    return {
      cause: 'AWS does not say which permission is missing, nor which policy denies it.',
      fix: '`crc permissions terraform` finds what your Terraform needs, this call among it; with `-- COMMAND`, what another program needs.',
      statement: undefined,
    };
  }
  const refused = selfChange(denial, config?.config.roles ?? []);
  if (refused !== undefined) return { ...refused, statement: undefined };
  if (denial.policy === 'trust') {
    return {
      cause:
        denial.principal === ''
          ? 'The role does not exist, or its trust policy does not let the job in: AWS reports both alike.'
          : "The role's trust policy does not let this principal in.",
      fix: '`crc explain` shows which, and what to change.',
      statement: undefined,
    };
  }
  const elsewhere = ELSEWHERE[denial.policy];
  if (elsewhere !== undefined) return otherPolicy(denial, elsewhere);
  return identityPolicy(denial, config);
}

interface OtherPolicy {
  readonly name: string;
  /** Where to add what is missing. */
  readonly where: string;
  /** Whether its statements have a principal. */
  readonly hasPrincipal?: boolean;
}

/** Policies other than the role's own. */
const ELSEWHERE: Partial<Record<Denial['policy'], OtherPolicy>> = {
  boundary: {
    name: 'permissions boundary',
    where: "Add this to the boundary's policy, as its owner; the role's own policies must allow it too",
  },
  session: {
    name: 'session policy',
    where:
      "Add this to the session policy: inline-session-policy or managed-session-policies of the workflow's step that logs in",
  },
  'service-control': {
    name: 'service control policy of the organization',
    where: 'Only an administrator of the organization can change it. This is what it must allow',
  },
  'resource-control': {
    name: 'resource control policy of the organization',
    where: 'Only an administrator of the organization can change it. This is what it must allow',
  },
  resource: {
    name: "resource's own policy (of the bucket, the key, the queue, …)",
    where: 'Add this to that policy',
    hasPrincipal: true,
  },
  endpoint: {
    name: 'policy of the VPC endpoint',
    where: 'Add this to the policy of the endpoint',
    hasPrincipal: true,
  },
};

function otherPolicy(denial: Denial, { name, where, hasPrincipal = false }: OtherPolicy): Answer {
  const { policyArn, explicit, principal } = denial;
  const which = policyArn === undefined ? '' : ` (${policyArn})`;
  if (explicit) {
    return {
      cause: `A Deny statement in the ${name}${which} denies it. No Allow outweighs it.`,
      fix: 'Change the Deny, or what the call does. A statement of the role does not help.',
      statement: undefined,
    };
  }
  const statement = allow(denial);
  return {
    cause: `The ${name}${which} does not allow it.`,
    fix: `${where}:`,
    statement: hasPrincipal ? { ...statement, Principal: { AWS: principalArn(principal) } } : statement,
  };
}

function identityPolicy(denial: Denial, loaded: LoadedConfig | undefined): Answer {
  const { action, resource, policy, explicit, principal } = denial;
  const doubt = policy === 'unknown' ? 'AWS does not say which policy denies it. ' : '';
  const name = roleOf(principal);
  const role = loaded?.config.roles.find((candidate) => candidate.name === name);
  const place = placeOf(loaded, name, role !== undefined);
  if (role === undefined || loaded === undefined) {
    return explicit
      ? {
          cause: `${doubt}A Deny statement denies it.`,
          fix: 'Change the Deny: no Allow outweighs it.',
          statement: undefined,
        }
      : {
          cause:
            policy === 'unknown'
              ? `${doubt}Most often no policy of the role allows it.`
              : 'No policy of the role allows it.',
          fix: `Add this ${place}:`,
          statement: allow(denial),
        };
  }
  const { config } = loaded;
  const document = roleDocuments(config, role, {
    accountId: config.accountId ?? accountOf(principal),
    region: config.region,
  });
  const documents = [document.policy, ...Object.values(document.inlinePolicies)];
  const statements = documents.flatMap((policy) => (policy?.Statement ?? []) as readonly DeniedStatement[]);
  // A policy without an Allow is reported as such only if no Deny applies.
  const relevant = explicit || policy === 'unknown' ? statements : statements.filter(({ Effect }) => Effect !== 'Deny');
  const grant = grantOf(relevant, action, isArn(resource) ? resource : undefined);
  if (explicit && grant.kind !== 'denied') {
    return {
      cause: `${doubt}A Deny statement that is not in ${loaded.name} denies it.`,
      fix: `\`crc verify --only role/${role.name}\` shows what else the role has.`,
      statement: undefined,
    };
  }
  switch (grant.kind) {
    case 'denied':
      return {
        cause: `${doubt}A Deny statement of the role in ${loaded.name} denies it.`,
        fix: 'Change that statement, then run `crc bootstrap`: no Allow outweighs a Deny.',
        statement: undefined,
      };
    case 'granted':
      return {
        cause: `${doubt}The role in ${loaded.name} allows it, so the role in the account is another, or something else denies it.`,
        fix: `\`crc verify --only role/${role.name}\` compares them.`,
        statement: undefined,
      };
    case 'conditional':
      return {
        cause: `${doubt}The role allows it under a Condition only, which this call does not meet.`,
        fix: `Compare the Condition in ${loaded.name} with the call, or add this ${place}:`,
        statement: allow(denial),
      };
    case 'other-resources': {
      const never =
        grant.never.length > 0
          ? `The role allows ${action} on ${listed(grant.never)}, which can never match such a resource.`
          : `The role allows ${action}, but only on ${listed(grant.resources)}.`;
      return { cause: `${doubt}${never}`, fix: `Add this ${place}:`, statement: allow(denial) };
    }
    default:
      return {
        cause: `${doubt}No statement of the role allows it.`,
        fix: `Add this ${place}:`,
        statement: allow(denial),
      };
  }
}

const MAX_LISTED = 3;

/** The last ones: the user's own statements follow those for the state. */
function listed(resources: readonly string[]): string {
  const more = resources.length - MAX_LISTED;
  return `${resources.slice(-MAX_LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function placeOf(loaded: LoadedConfig | undefined, role: string | undefined, isInConfig: boolean): string {
  if (isInConfig && loaded !== undefined) {
    return `to the "statements" of ${role} in ${loaded.name}, then run \`crc bootstrap\``;
  }
  return `to a policy of ${role === undefined ? 'the user or role that sent the call' : `the role ${role}`}`;
}

/** A policy names the role, not its session. */
function principalArn(caller: string): string {
  const [, partition, account] = /^arn:([^:]*):sts::(\d*):assumed-role\//.exec(caller) ?? [];
  if (caller === '') return 'arn:aws:iam::ACCOUNT:role/ROLE';
  return account === undefined ? caller : `arn:${partition}:iam::${account}:role/${roleOf(caller)}`;
}

function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}
