import { uriDecoded } from '../../decoded.ts';
import { byAction, isCredentialsAction } from './credentials-action.ts';
import { condition, filledIn, type Scope } from './expressions.ts';
import { type Frame, inputsGiven, scopeOf } from './frame.ts';
import type { Combination } from './matrix.ts';
import { asText, type Possible, soleValue } from './possible.ts';
import { localAction, localUse, type Sources } from './sources.ts';
import { loginWith, type StepLogin, variableIn } from './step-login.ts';
import type { Token } from './token-permission.ts';
import { type Node, nodeOf, textOf } from './yaml-node.ts';

export interface StepsFound {
  readonly logins: readonly StepLogin[];
  readonly notes: readonly string[];
  /** What it uses that crc does not analyze and that may log in: an action, or its token in a script (`it in a script`). */
  readonly unread: readonly string[];
  /** The steps after these have AWS credentials. */
  readonly hasCredentials: boolean;
}

interface Place {
  readonly frame: Frame;
  readonly sources: Sources;
  readonly job: Node;
  /** For display. */
  readonly jobName: string;
  readonly token: Token;
  readonly matrix: Combination;
  readonly env: readonly Node[];
  /** The inputs of a composite action. */
  readonly inputs?: (name: string) => Possible;
  /** The actions that contain this one. */
  readonly within: readonly string[];
  /** The steps before these left AWS credentials. */
  readonly hasCredentials: boolean;
}

/** Owners of actions that do not log in to AWS with `id-token: write`, but for the credentials action. */
const OTHER_OWNERS =
  /^(actions|github|aws-actions|docker|hashicorp|google-github-actions|azure|pypa|sigstore|codecov|astral-sh|rubygems|pulumi)\//i;

const MAX_DEPTH = 10;

/** What one step adds. */
type StepFound = Partial<StepsFound>;

/** How the steps of a job log in, including those of its composite actions. */
export function loginsOfSteps(steps: unknown, place: Place): StepsFound {
  const logins: StepLogin[] = [];
  const notes: string[] = [];
  const unread: string[] = [];
  let { hasCredentials } = place;
  for (const step of Array.isArray(steps) ? steps : []) {
    const result = ofStep(nodeOf(step), { ...place, hasCredentials });
    logins.push(...(result.logins ?? []));
    notes.push(...(result.notes ?? []));
    unread.push(...(result.unread ?? []));
    hasCredentials = result.hasCredentials ?? hasCredentials;
  }
  return { logins, notes, unread, hasCredentials };
}

function ofStep(step: Node, place: Place): StepFound {
  const { frame, job, matrix, inputs, jobName } = place;
  const env = [...place.env, nodeOf(step.env)];
  const scope = scopeOf(frame, job, { matrix, env, ...(inputs === undefined ? {} : { inputs }) });
  // An `if:` also sees its own step's environment.
  if (!condition(textOf(step.if), scope)) return {};
  const uses = localUse(textOf(step.uses), frame.repository);
  if (uses === '') return byHand(textOf(step.run), scope, env);
  const given = nodeOf(step.with);
  if (uses.startsWith('./')) return ofLocalAction(uses, given, scope, { ...place, env });
  if (isCredentialsAction(uses) || given['role-to-assume'] !== undefined) {
    const { login, note, hasCredentials } = byAction(given, scope, { ...place, env });
    return { logins: login && [login], notes: note === undefined ? [] : [note], hasCredentials };
  }
  if (OTHER_OWNERS.test(uses)) {
    // A role in their inputs is for something else: the execution role of a function, the service role of a stack.
    return requestsForAws(textOf(given.script)) ? { unread: [`it in ${uses}`] } : {};
  }
  // It gets the variables with which a token is requested, and a role in its arguments is not known to be for that.
  if (uses.startsWith('docker://')) return { unread: [uses] };
  const arn = Object.values(given)
    .map(textOf)
    .find((value) => /:role\//.test(value));
  if (arn !== undefined) {
    const note = `The job ${jobName} uses ${uses}, which crc does not read; assuming that it logs in with ${arn.trim()}.`;
    return { logins: [loginWith(arn, scope)], notes: [note], hasCredentials: true };
  }
  return { unread: [uses] };
}

function ofLocalAction(uses: string, given: Node, scope: Scope, place: Place): StepFound {
  const { sources, within, jobName } = place;
  const action = localAction(sources, uses);
  // GitHub nests actions up to ten deep.
  if (within.includes(uses) || within.length >= MAX_DEPTH) return {};
  if (action === undefined) {
    const note = `The job ${jobName} uses ${uses}, which is not in this checkout.`;
    return { notes: [note], unread: [uses] };
  }
  const runs = nodeOf(action.runs);
  if (runs.using !== 'composite') return { unread: [uses] };
  return loginsOfSteps(runs.steps, {
    ...place,
    inputs: inputsGiven(nodeOf(action.inputs), given, scope),
    within: [...within, uses],
  });
}

/** How a script requests a token from GitHub. */
const REQUESTS_TOKEN = /\bACTIONS_ID_TOKEN_REQUEST_URL\b/;

/** A token for which audience a script requests: in the URL, or in JavaScript (https://github.com/actions/toolkit). */
const AUDIENCE = /(?:\baudience=|\bgetIDToken\(\s*)/;

/** Whether a script requests a token, and not for another audience than AWS's. */
function requestsForAws(script: string): boolean {
  if (!REQUESTS_TOKEN.test(script) && !/\bgetIDToken\(/.test(script)) return false;
  const audience = valueIn(script, AUDIENCE);
  return audience === undefined || /amazonaws/.test(audience) || !/^[\w.:/-]+$/.test(audience);
}

/** How a script gives credentials to later steps: in the job's environment or in a profile. */
const SAVES_CREDENTIALS = /\bAWS_\w+=[\s\S]*\bGITHUB_ENV\b|\baws\s+configure\b|\.aws\/(credentials|config)\b/;

/** A value in a script: quoted, or up to a space. An expression and a command may have spaces. */
const VALUE = /(?:"([^"]+)"|'([^']+)'|((?:\$\{\{[\s\S]*?\}\}|\$\([^)]*\)|[^\s"';&|)])+))/.source;

/**
 * `aws sts assume-role-with-web-identity` with a token that the script itself requests from GitHub; or only a file with
 * the token, for the AWS SDKs and the AWS CLI, which then log in by themselves
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html).
 */
function byHand(script: string, scope: Scope, env: readonly Node[]): StepFound {
  const isCommand = /\bassume-role-with-web-identity\b/.test(script);
  // The environment of a job names the file for all of its scripts.
  const isFile = /\bAWS_WEB_IDENTITY_TOKEN_FILE\b/.test(script)
    ? REQUESTS_TOKEN.test(script)
    : variableIn(env, 'AWS_WEB_IDENTITY_TOKEN_FILE') !== undefined && requestsForAws(script);
  if (!isCommand && !isFile) {
    const hasCredentials = SAVES_CREDENTIALS.test(script) ? true : undefined;
    return { unread: requestsForAws(script) ? ['it in a script'] : [], hasCredentials };
  }
  const written = (isCommand ? valueIn(script, /--role-arn[\s=]+/) : undefined) ?? '$AWS_ROLE_ARN';
  const login = loginWith(withVariables(written, script, env), scope);
  return { logins: [{ ...login, ...audienceOfScript(script, scope, env) }], hasCredentials: true };
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
  if (audience !== '' && !/[$`]/.test(audience)) return { audience: uriDecoded(audience), audienceDoubt: undefined };
  const which = asked === undefined ? 'the audience of the script' : `audience: ${asked}`;
  return { audience: undefined, audienceDoubt: `${which} is only known during the run` };
}
