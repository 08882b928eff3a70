import { filledIn, type Scope } from './expressions.ts';
import { asText, soleValue } from './possible.ts';
import { loginWith, type StepLogin, variableIn } from './step-login.ts';
import type { Token } from './token-permission.ts';
import { type Node, textOf } from './yaml-node.ts';

/** aws-actions/configure-aws-credentials, and forks with the same name. */
export function isCredentialsAction(uses: string): boolean {
  return /^[^/]+\/configure-aws-credentials(\/|@|$)/i.test(uses);
}

/** What the action does in a step. */
export interface ActionResult {
  /** Undefined: it does not log in with GitHub's token. */
  readonly login?: StepLogin;
  readonly note?: string;
  /** The steps after it have AWS credentials. */
  readonly hasCredentials: boolean;
}

interface ActionPlace {
  readonly env: readonly Node[];
  readonly job: Node;
  readonly jobName: string;
  readonly token: Token;
  /** The steps before it left AWS credentials. */
  readonly hasCredentials: boolean;
}

/**
 * Inputs that the action also takes from environment variables, such as ROLE_TO_ASSUME, if they are empty:
 * https://github.com/aws-actions/configure-aws-credentials/blob/main/src/helpers.ts
 */
const IN_ENVIRONMENT = [
  'role-to-assume',
  'role-chaining',
  'role-duration-seconds',
  'web-identity-token-file',
  'use-existing-credentials',
  'unset-current-credentials',
];

/** The inputs of a step. */
class Inputs {
  private readonly given: Node;
  private readonly scope: Scope;
  private readonly env: readonly Node[];

  constructor(given: Node, scope: Scope, env: readonly Node[]) {
    this.given = given;
    this.scope = scope;
    this.env = env;
  }

  /** As written. */
  text(name: string): string {
    const written = textOf(this.given[name]);
    const value = soleValue(filledIn(written, this.scope));
    if (value === undefined || asText(value) !== '' || !IN_ENVIRONMENT.includes(name)) return written;
    return variableIn(this.env, name.toUpperCase().replaceAll('-', '_')) ?? written;
  }

  /** Undefined if it is not known before the run. */
  value(name: string): string | undefined {
    const value = soleValue(filledIn(this.text(name), this.scope));
    return value === undefined ? undefined : asText(value).trim();
  }

  isSet(name: string): boolean {
    return this.value(name) !== '';
  }

  isOn(name: string): boolean {
    return this.value(name)?.toLowerCase() === 'true';
  }

  isOff(name: string): boolean {
    return this.value(name)?.toLowerCase() === 'false';
  }
}

/** From the action's inputs: https://github.com/aws-actions/configure-aws-credentials/blob/main/action.yml */
export function byAction(given: Node, scope: Scope, place: ActionPlace): ActionResult {
  const { env, jobName, token } = place;
  const inputs = new Inputs(given, scope, env);
  const exports = exportsCredentials(inputs);
  const isCleared = exports && inputs.isOn('unset-current-credentials');
  const hasCredentials = !isCleared && (place.hasCredentials || hasKeys(env, scope));
  const leaves = hasCredentials || exports;
  if (inputs.isOn('role-chaining')) return { hasCredentials: leaves };
  // The action only checks whether this input is empty, so "false" enables it too.
  if (hasCredentials && inputs.isSet('use-existing-credentials')) return { hasCredentials };
  const source = otherSource(inputs, token, hasCredentials);
  if (source !== undefined) {
    return { note: `The job ${jobName} logs in with ${source}, not with GitHub's token.`, hasCredentials: leaves };
  }
  const written = inputs.text('role-to-assume').trim();
  if (inputs.value('role-to-assume') === '' && isOptional(written)) {
    // It only sets the region.
    if (hasCredentials) return { hasCredentials };
    if (isSelfHosted(place.job)) {
      const note = `The job ${jobName} uses the credentials of its runner, not GitHub's token.`;
      return { note, hasCredentials: true };
    }
  }
  return {
    login: { ...loginWith(written, scope), ...audienceOf(inputs), sessionSeconds: secondsOf(inputs) },
    hasCredentials: hasCredentials || (exports && token.state === 'granted'),
  };
}

/** What the action logs in with instead of GitHub's token. */
function otherSource(inputs: Inputs, token: Token, hasCredentials: boolean): string | undefined {
  if (inputs.isSet('web-identity-token-file')) return 'a token from a file';
  if (inputs.isSet('aws-access-key-id')) return 'access keys';
  if (inputs.isOn('force-skip-oidc')) return 'the credentials that the runner has (force-skip-oidc)';
  // Without a token the action assumes the role with the credentials that the job has.
  const hasNoToken = token.state !== 'granted' && token.state !== 'refused';
  return hasNoToken && hasCredentials && inputs.isSet('role-to-assume') ? 'credentials that it already has' : undefined;
}

/** Whether later steps can use the credentials: a profile must be named, unless it is the default profile. */
function exportsCredentials(inputs: Inputs): boolean {
  const profile = inputs.value('aws-profile');
  if (profile === 'default') return true;
  if (inputs.isOff('output-env-credentials')) return false;
  return profile === '' || inputs.isSet('output-env-credentials');
}

function hasKeys(env: readonly Node[], scope: Scope): boolean {
  const value = soleValue(filledIn(variableIn(env, 'AWS_ACCESS_KEY_ID') ?? '', scope));
  return value === undefined || asText(value) !== '';
}

/** Not written, or an input of the action or the workflow that contains the step: both may be empty on purpose. */
function isOptional(written: string): boolean {
  return written === '' || /^\$\{\{\s*inputs\.[\w-]+\s*\}\}$/.test(written);
}

/** Such a runner may have credentials of its own, for example of an EC2 instance. */
function isSelfHosted(job: Node): boolean {
  return JSON.stringify(job['runs-on'] ?? '').includes('self-hosted');
}

function audienceOf(inputs: Inputs): Pick<StepLogin, 'audience' | 'audienceDoubt'> {
  const audience = inputs.value('audience');
  return {
    audience: audience || undefined,
    audienceDoubt:
      audience === undefined ? `audience: ${inputs.text('audience')} is only known during the run` : undefined,
  };
}

function secondsOf(inputs: Inputs): number | undefined {
  const seconds = Number(inputs.value('role-duration-seconds'));
  return seconds > 0 ? seconds : undefined;
}
