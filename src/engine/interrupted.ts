/** The run was stopped before this resource was finished. */
export class Interrupted extends Error {}

/**
 * Whether an error comes from stopping the run: the SDK's calls and waits then end with an AbortError. An error that
 * explains it to the user has it as its cause.
 */
export function isInterruption(error: unknown): boolean {
  return isStop(error) || (error instanceof Error && isStop(error.cause));
}

function isStop(error: unknown): boolean {
  return error instanceof Interrupted || (error instanceof Error && error.name === 'AbortError');
}
