/** Connections that are open at the same time. */
export const MAX_CONNECTIONS = 50;

/** Milliseconds until a connection is established. */
export const CONNECTION_TIMEOUT = 5_000;

/** Milliseconds until the complete response to one attempt has arrived: connection, headers and body. */
export const REQUEST_TIMEOUT = 15_000;

/** Milliseconds that requests in progress get to finish after SIGINT or SIGTERM. */
export const STOP_GRACE = 5_000;

/** Milliseconds for a request of this many bytes. A connection slower than 100 kB a second counts as unusable. */
export function uploadTimeout(bytes: number): number {
  return REQUEST_TIMEOUT + Math.ceil(bytes / 100);
}
