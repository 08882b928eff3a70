import { condition, filledAsFar, filledIn, type Scope } from './expressions.ts';
import { type Frame, inputsGiven, scopeOf } from './frame.ts';
import type { Combination } from './matrix.ts';
import { asText, type Possible, soleValue } from './possible.ts';
import { localAction, localUse, type Sources } from './sources.ts';
import { type Node, nodeOf, textOf } from './yaml-node.ts';

/** A step that requests an AWS role. */
export interface StepLogin {
  readonly role: RequestedRole;
  /** Undefined: the action's default, `sts.amazonaws.com`. */
  readonly audience: string | undefined;
  /** Set if the audience is unknown. */
  readonly audienceDoubt: string | undefined;
  readonly sessionSeconds: number | undefined;
}

export interface RequestedRole {
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

/** Owners of actions that do not log in to AWS with `id-token: write`, but for the one above. */
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
  const uses = localUse(textOf(step.uses), frame.repository);
  if (uses === '') return byHand(textOf(step.run), scope, env);
  const given = nodeOf(step.with);
  if (uses.startsWith('./')) return ofLocalAction(uses, given, scope, { ...place, env });
  if (isCredentialsAction(uses) || given['role-to-assume'] !== undefined) {
    return byAction(given, scope, { env, jobName });
  }
  // A role in their inputs is for something else: the execution role of a function, the service role of a stack.
  if (OTHER_OWNERS.test(uses) || uses.startsWith('docker://')) return NONE;
  const arn = Object.values(given)
    .map(textOf)
    .find((value) => /:role\//.test(value));
  if (arn !== undefined) {
    const note = `The job ${jobName} uses ${uses}, which crc does not read; assuming that it logs in with ${arn.trim()}.`;
    return { logins: [loginWith(arn, scope)], notes: [note], unread: [] };
  }
  return { ...NONE, unread: [uses] };
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

/**
 * Inputs that the action also takes from environment variables, such as ROLE_TO_ASSUME, if they are empty:
 * https://github.com/aws-actions/configure-aws-credentials/blob/main/src/helpers.ts
 */
const IN_ENVIRONMENT = ['role-to-assume', 'role-chaining', 'role-duration-seconds', 'web-identity-token-file'];

/** From the action's inputs: https://github.com/aws-actions/configure-aws-credentials/blob/main/action.yml */
function byAction(
  given: Node,
  scope: Scope,
  { env, jobName }: { readonly env: readonly Node[]; readonly jobName: string },
): StepsFound {
  const value = (name: string) => {
    const written = textOf(given[name]);
    const sole = soleValue(filledIn(written, scope));
    if (sole === undefined || asText(sole) !== '' || !IN_ENVIRONMENT.includes(name)) return written;
    return variableIn(env, name.toUpperCase().replaceAll('-', '_')) ?? written;
  };
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
  return {
    role: requestedRole(written, scope),
    audience: undefined,
    audienceDoubt: undefined,
    sessionSeconds: undefined,
  };
}

/** Without the line break at the end of a block text, also of an input's or a variable's: the action trims its inputs. */
export function requestedRole(written: string, scope: Scope): RequestedRole {
  return { written: written.trim(), filled: filledAsFar(written, scope).trim() };
}

/** How a script requests a token from GitHub. */
const REQUESTS_TOKEN = /\bACTIONS_ID_TOKEN_REQUEST_URL\b/;

/** A value in a script: quoted, or up to a space. An expression and a command may have spaces. */
const VALUE = /(?:"([^"]+)"|'([^']+)'|((?:\$\{\{[\s\S]*?\}\}|\$\([^)]*\)|[^\s"';&|)])+))/.source;

/**
 * `aws sts assume-role-with-web-identity` with a token that the script itself requests from GitHub; or only a file with
 * the token, for the AWS SDKs and the AWS CLI, which then log in by themselves
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html).
 */
function byHand(script: string, scope: Scope, env: readonly Node[]): StepsFound {
  const isCommand = /\bassume-role-with-web-identity\b/.test(script);
  const isFile = REQUESTS_TOKEN.test(script) && /\bAWS_WEB_IDENTITY_TOKEN_FILE\b/.test(script);
  if (!isCommand && !isFile) return NONE;
  const written = (isCommand ? valueIn(script, /--role-arn[\s=]+/) : undefined) ?? '$AWS_ROLE_ARN';
  const login = loginWith(withVariables(written, script, env), scope);
  return { ...NONE, logins: [{ ...login, ...audienceOfScript(script, scope, env) }] };
}

/** The first value after some text. */
function valueIn(script: string, before: RegExp): string | undefined {
  return valuesIn(script, before)[0];
}

function valuesIn(script: string, before: RegExp): readonly string[] {
  const matches = script.matchAll(new RegExp(before.source + VALUE, `g${before.flags}`));
  return [...matches].flatMap(([, ...groups]) => groups.find((group) => group !== undefined) ?? []);
}

/**
 * A value with the shell variables that are known: those that the script sets to one value, those of the environment, and
 * GitHub's. `within`: the variables in whose values it is.
 */
function withVariables(value: string, script: string, env: readonly Node[], within: readonly string[] = []): string {
  return value.replace(/(\$\{\{[\s\S]*?\}\})|\$\{(\w+)\}|\$(\w+)/g, (sign, expression, braced, plain) => {
    if (expression !== undefined) return expression;
    const name: string = braced ?? plain;
    const assigned = within.includes(name) ? [] : valuesIn(script, new RegExp(`(?:^|[\\s;"'])${name}=`, 'm'));
    const [only, ...alternatives] = new Set(assigned.filter((text) => text !== `$${name}` && text !== `\${${name}}`));
    if (only !== undefined) {
      const isKnown = alternatives.length === 0 && !/`|\$\(/.test(only);
      return isKnown ? withVariables(only, script, env, [...within, name]) : sign;
    }
    // GITHUB_REPOSITORY_OWNER is github.repository_owner.
    const ofGitHub = /^GITHUB_(\w+)$/.exec(name)?.[1];
    return variableIn(env, name) ?? (ofGitHub === undefined ? sign : `\${{ github.${ofGitHub.toLowerCase()} }}`);
  });
}

/** A variable of the innermost environment that has it, as written. */
function variableIn(env: readonly Node[], name: string): string | undefined {
  const layer = env.findLast((candidate) => candidate[name] !== undefined);
  return layer === undefined ? undefined : textOf(layer[name]);
}

/**
 * The audience for which a script requests its token. Without one GitHub takes the URL of the repository's owner:
 * https://docs.github.com/en/actions/reference/security/oidc
 */
function audienceOfScript(
  script: string,
  scope: Scope,
  env: readonly Node[],
): Pick<StepLogin, 'audience' | 'audienceDoubt'> {
  // Another step or a program requests it.
  if (!REQUESTS_TOKEN.test(script)) return { audience: undefined, audienceDoubt: undefined };
  const asked = valueIn(script, /\baudience=/);
  const isDefault = asked === undefined && !/audience/i.test(script);
  const written = isDefault
    ? `\${{ github.server_url }}/\${{ github.repository_owner }}`
    : withVariables(asked ?? '', script, env);
  const audience = asText(soleValue(filledIn(written, scope)) ?? '');
  if (audience !== '' && !/[$`]/.test(audience)) return { audience: decoded(audience), audienceDoubt: undefined };
  const which = asked === undefined ? 'the audience of the script' : `audience: ${asked}`;
  return { audience: undefined, audienceDoubt: `${which} is only known during the run` };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
