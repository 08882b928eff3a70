/** The run was stopped before this resource was finished. */
export class Interrupted extends Error {}

/** Whether an error comes from stopping the run: calls and waits of the SDK then end with an AbortError. */
export function isInterruption(error: unknown): boolean {
  return error instanceof Interrupted || (error instanceof Error && error.name === 'AbortError');
}
