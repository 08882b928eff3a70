import type { Status } from '../engine/types.ts';

/** The status of a resource in a report: `role/R not found`. */
export const STATUS_WORDS: Readonly<Record<Status, string>> = {
  'in-sync': 'in sync',
  absent: 'not found',
  drifted: 'drifted',
  conflict: 'in conflict',
  unread: 'could not be read',
};
