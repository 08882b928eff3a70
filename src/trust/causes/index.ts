import type { Cause } from './cause.ts';
import { LOGIN_CAUSES } from './login.ts';
import { POLICY_CAUSES } from './policy.ts';
import { SUBJECT_CAUSES } from './subject.ts';

export type { Cause } from './cause.ts';

/** All causes that `crc explain` distinguishes, in the order in which a login encounters them. */
export const CAUSES = { ...LOGIN_CAUSES, ...POLICY_CAUSES, ...SUBJECT_CAUSES } as const;

export type CauseId = keyof typeof CAUSES;

/** A cause with its placeholders filled in. */
export interface FoundCause extends Omit<Cause, 'source'> {
  readonly id: CauseId;
  /** Its text names the job's context, which may be replaced by other subjects. */
  readonly namesContext: boolean;
}

/** Fills in the placeholders of a cause. @throws if a value is missing, which is a bug in the caller. */
export function causeOf(id: CauseId, details: Readonly<Record<string, string>> = {}): FoundCause {
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = details[name];
      if (value === undefined) throw new Error(`the cause ${id} needs ${name}`);
      return value;
    });
  const { message, cause, fix, command } = CAUSES[id];
  const namesContext = /\{(context|branches|tags|value)\}/.test(cause + fix);
  return { id, message, cause: fill(cause), fix: fill(fix), command: fill(command), namesContext };
}
