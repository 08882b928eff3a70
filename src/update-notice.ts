import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import envPaths from 'env-paths';
import { systemError } from './errors.ts';
import { OWN_PACKAGE } from './own-package.ts';
import { regularTextSync } from './regular-file.ts';
import { foreign } from './ui/foreign.ts';
import type { Io } from './ui/io.ts';

const DAY = 24 * 60 * 60 * 1000;

/** What is stored between runs. Times are in milliseconds since 1970. */
export interface UpdateRecord {
  /** When npm was last queried, or the query was started. */
  readonly checkedAt: number;
  /** A version that is newer than `than`. */
  readonly newer?: string;
  /** The version of crc that sent the query. */
  readonly than?: string;
  readonly shownAt?: number;
}

/**
 * Reports a newer version on stderr, and calls `check` to look for one for the next run, each at most once a day. Waits
 * for nothing. The first run only stores the time, so trying crc once sends nothing.
 */
export function noticeUpdate(io: Io, check: () => void, file = updateFile(), now = Date.now()): void {
  const { version } = OWN_PACKAGE;
  const record = readUpdate(file);
  if (record === undefined) {
    writeUpdate(file, { checkedAt: now });
    return;
  }
  const { checkedAt, newer, than, shownAt = 0 } = record;
  const isNews = newer !== undefined && than === version && now - shownAt >= DAY;
  const isDue = now - checkedAt >= DAY;
  // If the record cannot be stored, do nothing; otherwise it would be repeated in each run.
  const next = { ...record, ...(isDue ? { checkedAt: now } : {}), ...(isNews ? { shownAt: now } : {}) };
  if (!(isNews || isDue) || !writeUpdate(file, next)) return;
  if (isNews) io.err(`\ncrc ${foreign(newer)} is available (this is ${version}): ${io.own.update}\n`);
  if (isDue) check();
}

/** `~/.cache/crc-bootstrap/update.json` on Linux; on other systems, in their folder for caches. */
export function updateFile(): string {
  return join(envPaths(OWN_PACKAGE.name, { suffix: '' }).cache, 'update.json');
}

/** Undefined if the file does not exist, or was not written by crc. */
export function readUpdate(file: string): UpdateRecord | undefined {
  try {
    const record: Partial<UpdateRecord> | null = JSON.parse(regularTextSync(file));
    return typeof record?.checkedAt === 'number' && isText(record.newer) ? (record as UpdateRecord) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || systemError(error) !== undefined) return undefined;
    throw error;
  }
}

/** Returns false if the file cannot be written, which is not worth reporting. */
export function writeUpdate(file: string, record: UpdateRecord): boolean {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(record));
    return true;
  } catch (error) {
    if (systemError(error) !== undefined) return false;
    throw error;
  }
}

function isText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}
