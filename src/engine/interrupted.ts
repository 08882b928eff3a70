/** The run was told to stop before this resource was done. */
export class Interrupted extends Error {}

/** The run was told to stop. A call or a wait of the SDK that is told so ends with an AbortError. */
export function isInterruption(error: unknown): boolean {
  return error instanceof Interrupted || (error instanceof Error && error.name === 'AbortError');
}
