import { condition, filledAsFar, filledIn, type Scope } from './expressions.ts';
import { type Frame, inputsGiven, scopeOf } from './frame.ts';
import type { Combination } from './matrix.ts';
import { asText, type Possible, soleValue } from './possible.ts';
import { localAction, type Sources } from './sources.ts';
import { type Node, nodeOf, textOf } from './yaml-node.ts';

/** A step that requests an AWS role. */
export interface StepLogin {
  readonly role: RoleAsked;
  /** Undefined: the action's default, `sts.amazonaws.com`. */
  readonly audience: string | undefined;
  readonly audienceDoubt: string | undefined;
  readonly sessionSeconds: number | undefined;
}

export interface RoleAsked {
  /** As written in the workflow. */
  readonly written: string;
  /** With everything known before the run filled in; unknown `${{ … }}` are kept. */
  readonly filled: string;
}

export interface StepsFound {
  readonly logins: readonly StepLogin[];
  readonly notes: readonly string[];
  /** Actions that crc does not analyze and that may log in. */
  readonly unread: readonly string[];
}

interface Place {
  readonly frame: Frame;
  readonly sources: Sources;
  readonly job: Node;
  /** For display. */
  readonly jobName: string;
  readonly matrix: Combination;
  readonly env: readonly Node[];
  /** The inputs of a composite action. */
  readonly inputs?: (name: string) => Possible;
  /** The actions that contain this one. */
  readonly within: readonly string[];
}

/** aws-actions/configure-aws-credentials, and forks with the same name. */
export function isCredentialsAction(uses: string): boolean {
  return /^[^/]+\/configure-aws-credentials(\/|@|$)/i.test(uses);
}

/** Owners of actions that use `id-token: write` for something other than AWS. */
const OTHER_OWNERS =
  /^(actions|github|aws-actions|docker|hashicorp|google-github-actions|azure|pypa|sigstore|codecov|astral-sh|rubygems|pulumi)\//i;

const MAX_DEPTH = 10;

const NONE: StepsFound = { logins: [], notes: [], unread: [] };

/** How the steps of a job log in, including those of its composite actions. */
export function loginsOfSteps(steps: unknown, place: Place): StepsFound {
  const byStep = (Array.isArray(steps) ? steps : []).map((step) => ofStep(nodeOf(step), place));
  return {
    logins: byStep.flatMap(({ logins }) => logins),
    notes: byStep.flatMap(({ notes }) => notes),
    unread: byStep.flatMap(({ unread }) => unread),
  };
}

function ofStep(step: Node, place: Place): StepsFound {
  const { frame, job, matrix, inputs, jobName } = place;
  const env = [...place.env, nodeOf(step.env)];
  const scope = scopeOf(frame, job, { matrix, env, ...(inputs === undefined ? {} : { inputs }) });
  // An `if:` also sees its own step's environment.
  if (!condition(textOf(step.if), scope)) return NONE;
  const uses = textOf(step.uses);
  if (uses === '') return byHand(step, scope, { env, repository: frame.repository });
  const given = nodeOf(step.with);
  if (uses.startsWith('./')) return ofLocalAction(uses, given, scope, { ...place, env });
  if (isCredentialsAction(uses) || given['role-to-assume'] !== undefined) return byAction(given, scope, jobName);
  const arn = Object.values(given)
    .map(textOf)
    .find((value) => /:role\//.test(value));
  if (arn !== undefined) {
    const note = `The job ${jobName} uses ${uses}, which crc does not read; assuming that it logs in with ${arn.trim()}.`;
    return { logins: [loginWith(arn, scope)], notes: [note], unread: [] };
  }
  return OTHER_OWNERS.test(uses) || uses.startsWith('docker://') ? NONE : { ...NONE, unread: [uses] };
}

function ofLocalAction(uses: string, given: Node, scope: Scope, place: Place): StepsFound {
  const { sources, within, jobName } = place;
  const action = localAction(sources, uses);
  // GitHub nests actions up to ten deep.
  if (within.includes(uses) || within.length >= MAX_DEPTH) return NONE;
  if (action === undefined) {
    return { ...NONE, notes: [`The job ${jobName} uses ${uses}, which is not in this checkout.`], unread: [uses] };
  }
  const runs = nodeOf(action.runs);
  if (runs.using !== 'composite') return { ...NONE, unread: [uses] };
  return loginsOfSteps(runs.steps, {
    ...place,
    inputs: inputsGiven(nodeOf(action.inputs), given, scope),
    within: [...within, uses],
  });
}

/** From the action's inputs: https://github.com/aws-actions/configure-aws-credentials/blob/main/action.yml */
function byAction(given: Node, scope: Scope, jobName: string): StepsFound {
  const value = (name: string) => textOf(given[name]);
  const isSet = (name: string) => value(name) !== '' && soleValue(filledIn(value(name), scope)) !== '';
  const isOn = (name: string) => isTrueText(soleValue(filledIn(value(name), scope)));
  if (isOn('role-chaining')) return NONE;
  const other = isSet('web-identity-token-file')
    ? 'a token from a file'
    : isSet('aws-access-key-id')
      ? 'access keys'
      : isOn('force-skip-oidc')
        ? 'the credentials that the runner has (force-skip-oidc)'
        : undefined;
  if (other !== undefined)
    return { ...NONE, notes: [`The job ${jobName} logs in with ${other}, not with GitHub's token.`] };
  const seconds = Number(soleValue(filledIn(value('role-duration-seconds'), scope)));
  const audience = filledIn(value('audience'), scope);
  const sole = soleValue(audience);
  return {
    ...NONE,
    logins: [
      {
        ...loginWith(value('role-to-assume'), scope),
        audience: sole === undefined || sole === null || sole === '' ? undefined : asText(sole).trim(),
        audienceDoubt: sole === undefined ? `audience: ${value('audience')} is only known during the run` : undefined,
        sessionSeconds: seconds > 0 ? seconds : undefined,
      },
    ],
  };
}

function isTrueText(value: unknown): boolean {
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true');
}

function loginWith(written: string, scope: Scope): StepLogin {
  return { role: roleAsked(written, scope), audience: undefined, audienceDoubt: undefined, sessionSeconds: undefined };
}

/** Without the line break at the end of a block text, also of an input's or a variable's: the action trims its inputs. */
export function roleAsked(written: string, scope: Scope): RoleAsked {
  return { written: written.trim(), filled: filledAsFar(written, scope).trim() };
}

/** `aws sts assume-role-with-web-identity` with a token that the step itself requests from GitHub. */
function byHand(
  step: Node,
  scope: Scope,
  { env, repository }: { readonly env: readonly Node[]; readonly repository: string },
): StepsFound {
  const script = textOf(step.run);
  if (!/\bassume-role-with-web-identity\b/.test(script)) return NONE;
  // An expression may have spaces.
  const written = /--role-arn[\s=]+(?:"([^"]+)"|'([^']+)'|((?:\$\{\{[\s\S]*?\}\}|\S)+))/.exec(script);
  const argument = written?.[1] ?? written?.[2] ?? written?.[3] ?? '';
  // A shell variable may be an environment variable.
  const variable = /^\$\{?(\w+)\}?$/.exec(argument)?.[1];
  const inEnv = variable === undefined ? undefined : env.findLast((layer) => layer[variable] !== undefined)?.[variable];
  const role = inEnv === undefined ? argument : textOf(inEnv);
  const known = role !== '' && !/[$`]/.test(role.replaceAll(/\$\{\{[\s\S]*?\}\}/g, ''));
  const login = loginWith(known ? role : `\${{ ${argument || 'role'} }}`, scope);
  return { ...NONE, logins: [{ ...login, audience: audienceAsked(script, repository) }] };
}

/**
 * The audience in the URL from which a script requests its token. Without one GitHub takes the URL of the repository's owner:
 * https://docs.github.com/en/actions/reference/security/oidc
 */
function audienceAsked(script: string, repository: string): string | undefined {
  const asked = /[?&]audience=([\w.:/%-]+)/.exec(script)?.[1];
  if (asked !== undefined) return decoded(asked);
  const asksForNone = script.includes('ACTIONS_ID_TOKEN_REQUEST_URL') && !/audience/i.test(script);
  return asksForNone ? `https://github.com/${repository.split('/')[0]}` : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
