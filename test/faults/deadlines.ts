/**
 * Replaces crc's deadlines (`src/aws/deadlines.ts`) in the build for the fault matrix. Short enough for thousands of
 * stalled calls, long enough for an emulator on a slow machine.
 */
export const MAX_CONNECTIONS = 50;
export const CONNECTION_TIMEOUT = 3_000;
export const REQUEST_TIMEOUT = 3_000;
export const STOP_GRACE = 1_000;

export function uploadTimeout(): number {
  return REQUEST_TIMEOUT;
}
