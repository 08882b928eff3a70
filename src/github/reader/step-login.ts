import { filledAsFar, type Scope } from './expressions.ts';
import { type Node, textOf } from './yaml-node.ts';

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

export function loginWith(written: string, scope: Scope): StepLogin {
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

/** A variable of the innermost environment that has it, as written. */
export function variableIn(env: readonly Node[], name: string): string | undefined {
  const layer = env.findLast((candidate) => candidate[name] !== undefined);
  return layer === undefined ? undefined : textOf(layer[name]);
}
