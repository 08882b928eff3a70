import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { onStopSignal, stopSignals } from '../../src/commands/stop-signals.ts';
import type { Environment } from '../../src/environment.ts';

let now = 0;
let kill: MockInstance<typeof process.kill>;

beforeEach(() => {
  now = 1_000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  kill = vi.spyOn(process, 'kill').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  expect([process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')]).toEqual([0, 0]);
});

function listening(env: Environment) {
  const names: string[] = [];
  const forget = onStopSignal((name) => names.push(name), env);
  return { names, forget };
}

describe('signals that stop a run', () => {
  it('are two, of which the second ends the process immediately', () => {
    const { names } = listening({});
    process.emit('SIGTERM', 'SIGTERM');
    expect([names, kill.mock.calls]).toEqual([['SIGTERM'], []]);
    process.emit('SIGINT', 'SIGINT');
    expect([names, kill.mock.calls]).toEqual([['SIGTERM'], [[process.pid, 'SIGINT']]]);
  });

  it.each(["'crc'", 'crc', '"crc-bootstrap"', 'crc-bootstrap bootstrap --yes'])(
    'are one if npm copies it to a program that it started as %s, until the user presses Ctrl-C again',
    (script) => {
      const { names } = listening({ npm_lifecycle_script: script });
      process.emit('SIGINT', 'SIGINT');
      now += 40;
      process.emit('SIGINT', 'SIGINT');
      expect([names, kill.mock.calls]).toEqual([['SIGINT'], []]);
      now += 2_000;
      process.emit('SIGINT', 'SIGINT');
      expect(kill.mock.calls).toEqual([[process.pid, 'SIGINT']]);
    },
  );

  it('are two if they differ, which npm does not cause', () => {
    listening({ npm_lifecycle_script: "'crc'" });
    process.emit('SIGINT', 'SIGINT');
    process.emit('SIGTERM', 'SIGTERM');
    expect(kill.mock.calls).toEqual([[process.pid, 'SIGTERM']]);
  });

  it.each(["'vitest'", 'node crc.js', 'crc32 file'])('are two below %s, which npm copies them to instead', (script) => {
    listening({ npm_lifecycle_script: script });
    process.emit('SIGINT', 'SIGINT');
    process.emit('SIGINT', 'SIGINT');
    expect(kill.mock.calls).toEqual([[process.pid, 'SIGINT']]);
  });

  it('have no effect while a program runs that gets them itself', async () => {
    const signals = stopSignals({});
    const result = await signals.leftTo(async () => {
      process.emit('SIGINT', 'SIGINT');
      process.emit('SIGINT', 'SIGINT');
      return 'done';
    });
    expect([result, signals.exitCode(), signals.signal.aborted, kill.mock.calls]).toEqual([
      'done',
      undefined,
      false,
      [],
    ]);
    process.emit('SIGTERM', 'SIGTERM');
    expect([signals.exitCode(), signals.signal.aborted]).toEqual([143, true]);
    process.emit('SIGTERM', 'SIGTERM');
    expect(kill.mock.calls).toEqual([[process.pid, 'SIGTERM']]);
  });
});
