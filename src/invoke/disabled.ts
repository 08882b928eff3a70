import type { FunctionConfig } from '../config/schema.ts';

/** Whether the config disables a function: Lambda then rejects every call. */
export function isDisabled({ reservedConcurrency }: Pick<FunctionConfig, 'reservedConcurrency'>): boolean {
  return reservedConcurrency === 0;
}

/** The names of functions that the config disables. */
export function disabledFunctions(functions: readonly FunctionConfig[]): ReadonlySet<string> {
  return new Set(functions.filter(isDisabled).map(({ name }) => name));
}
