import type { Status } from '../engine/types.ts';

/** How a report shows the status of a resource: `role/R not found`. */
export const STATUS_WORDS: Readonly<Record<Status, string>> = {
  'in-sync': 'in sync',
  absent: 'not found',
  drifted: 'drifted',
  conflict: 'in conflict',
  unread: 'could not be read',
};
