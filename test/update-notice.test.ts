import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { noticeUpdate, readUpdate, type UpdateRecord, writeUpdate } from '../src/update-notice.ts';
import { folderWith } from './helpers/folder.ts';
import { captureIo } from './helpers/io.ts';

const DAY = 24 * 60 * 60 * 1000;
const NOW = Date.UTC(2030, 0, 15);
const { version } = packageJson;

/** Checks for updates at this time, with the record of an earlier check. */
function runAt(now: number, record?: UpdateRecord | string, file = join(folderWith({}), 'cache', 'update.json')) {
  if (record !== undefined) {
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, typeof record === 'string' ? record : JSON.stringify(record));
  }
  const { io, out, err } = captureIo();
  const check = vi.fn<() => void>();
  noticeUpdate(io, check, file, now);
  expect(out()).toBe('');
  return { err: err(), checks: check.mock.calls.length, record: readUpdate(file), file };
}

describe('the notice of a newer version', () => {
  it('the first run sends nothing and shows nothing', () => {
    expect(runAt(NOW)).toMatchObject({ err: '', checks: 0, record: { checkedAt: NOW } });
  });

  it('a day later npm is queried once', () => {
    const { file, checks, err } = runAt(NOW, { checkedAt: NOW - DAY });
    expect([checks, err]).toEqual([1, '']);
    expect(runAt(NOW + DAY - 1, undefined, file).checks).toBe(0);
    expect(runAt(NOW + DAY, undefined, file).checks).toBe(1);
  });

  it('a newer version is shown once a day', () => {
    const { file, err } = runAt(NOW, { checkedAt: NOW, newer: '9.9.9', than: version });
    expect(err).toBe(`\ncrc 9.9.9 is available (this is ${version}): npm install -g crc-bootstrap@latest\n`);
    expect(runAt(NOW + DAY - 1, undefined, file).err).toBe('');
    expect(runAt(NOW + DAY, undefined, file).err).toContain('crc 9.9.9');
  });

  it('is not shown by a different version that has not checked yet', () => {
    expect(runAt(NOW, { checkedAt: NOW, newer: '9.9.9', than: '0.0.1' }).err).toBe('');
  });

  it('the contents of the file cannot add lines or colours', () => {
    const { err } = runAt(NOW, { checkedAt: NOW, newer: '9\n::error::x\u001b[31m', than: version });
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).not.toContain('\u001b');
  });

  it.each(['', '{', 'null', '[]', '{"checkedAt":"x"}', '{"checkedAt":1,"newer":{}}'])(
    'a file that crc did not write (%s) is replaced',
    (text) => {
      expect(runAt(NOW, text)).toMatchObject({ err: '', checks: 0, record: { checkedAt: NOW } });
    },
  );

  it('without a writable cache, nothing is printed or requested, and nothing fails', () => {
    const file = join(folderWith({ cache: 'a file where the folder should be' }), 'cache', 'update.json');
    expect(runAt(NOW, undefined, file)).toMatchObject({ err: '', checks: 0, record: undefined });
    expect(writeUpdate(file, { checkedAt: NOW })).toBe(false);
  });
});
