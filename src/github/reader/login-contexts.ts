import type { Run, RunContext } from './events.ts';
import { filledAsFar, filledIn, type Scope } from './expressions.ts';
import { environmentOf } from './frame.ts';
import { asText } from './possible.ts';
import type { Node } from './yaml-node.ts';

export interface LoginContext {
  /** For display: the part of the subject after the repository. */
  readonly shown: string;
  /** Its possible values; exactly one if it is known. */
  readonly parts: readonly (RunContext & { readonly environment: string | null | undefined })[];
  /** GitHub does not document the event's subject, so it is a guess. */
  readonly undocumented: boolean;
  /** Why it is unknown; `choice`: one of several known values. */
  readonly unknown: 'environment' | 'ref' | 'caller' | undefined;
  readonly doubt: string | undefined;
}

/** What a job presents. In the subject, an environment replaces the ref or event. */
export function contextsOf(job: Node, scope: Scope, run: Run): readonly LoginContext[] {
  const name = environmentOf(job);
  const ofRun = run.contexts.map((context) => contextOfRun(context, run));
  if (name === undefined) return ofRun;
  const { values, rest } = filledIn(name, scope);
  const written = filledAsFar(name, scope);
  const isSure = values.length === 1 && rest === undefined;
  const doubt = isSure ? undefined : `environment: ${written} is only known during the run`;
  const names = values.map(asText);
  const empty = names.includes('') ? ofRun.map((context) => ({ ...context, doubt: doubt ?? context.doubt })) : [];
  const ofNames = names.filter((name) => name !== '').map((name) => ofEnvironment(name, doubt));
  if (rest === undefined) return [...empty, ...ofNames];
  const prefix = `environment:${rest.prefix.replaceAll(':', '%3A')}`;
  const anyName = { text: `${prefix}*`, isPattern: true, example: `${prefix}any-other`, environment: undefined };
  // An expression that is empty leaves the job without an environment.
  const parts = [anyName, ...(rest.prefix === '' ? ofRun.flatMap((context) => context.parts) : [])];
  return [
    ...empty,
    ...ofNames,
    { shown: `environment:${written}`, parts, unknown: 'environment', undocumented: false, doubt },
  ];
}

function ofEnvironment(name: string, doubt: string | undefined): LoginContext {
  // The environment takes precedence over everything else; a colon in its name is encoded as %3A.
  const text = `environment:${name.replaceAll(':', '%3A')}`;
  return {
    shown: text,
    parts: [{ text, isPattern: false, example: text, environment: name }],
    unknown: undefined,
    undocumented: false,
    doubt,
  };
}

export function contextOfRun(context: RunContext, { event, aside, undocumented }: Run): LoginContext {
  const ofEvent = undocumented ? `GitHub does not document the subject of ${event}` : undefined;
  const doubt = event === 'workflow_call' ? 'subject of the calling workflow' : ofEvent;
  return {
    undocumented,
    shown: context.text,
    parts: [{ ...context, environment: event === 'workflow_call' ? undefined : null }],
    unknown: event === 'workflow_call' ? 'caller' : context.isPattern && !aside ? 'ref' : undefined,
    doubt,
  };
}

/** The context for a run that the job is meant for, where a ref of which only a pattern is known counts as unknown. */
export function meant(context: LoginContext): LoginContext {
  return context.unknown === undefined && context.parts.some(({ isPattern }) => isPattern)
    ? { ...context, unknown: 'ref' }
    : context;
}
