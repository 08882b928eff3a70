import { describe, expect, it, vi } from 'vitest';
import type { Event } from '../../src/engine/outcome.ts';
import { createProgress } from '../../src/ui/progress.ts';
import { captureIo } from '../helpers/io.ts';

const events: readonly Event[] = [
  { kind: 'reading', total: 1 },
  { kind: 'read', done: 1, total: 1 },
  { kind: 'writing', id: 'a', what: 'create' },
  { kind: 'written', result: { id: 'a', outcome: 'created' } },
];

describe('progress without a terminal', () => {
  it('is plain lines on stderr, and nothing on stdout', async () => {
    const { io, out, err } = captureIo();
    const progress = await createProgress(io);
    for (const event of events) progress.report(event);
    progress.line('a note');
    progress.stop();
    expect([out(), err()]).toEqual(['', 'reading 1 resource\na: create\na note\n']);
  });

  it('shows nothing after its end, such as calls that still run after an error', async () => {
    const { io, err } = captureIo();
    const progress = await createProgress(io);
    progress.end();
    for (const event of events) progress.report(event);
    progress.line('a note');
    progress.count(500);
    expect(err()).toBe('');
  });
});

describe('progress on a terminal', () => {
  const outputIn = async (columns: number) => {
    const spy = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      const { io, err } = captureIo({ live: true, errColumns: columns, env: { LANG: 'C' } });
      const progress = await createProgress(io);
      for (const id of ['state-bucket', 'lock-table', 'role/GitHubActionsTerraformRole']) {
        progress.report({ kind: 'writing', id, what: 'create' });
      }
      progress.line('function/IncrementVisits: package of 2 files, 4.2 kB');
      progress.stop();
      // ora writes plain lines if stderr is not a terminal, as in tests.
      const spinner = spy.mock.calls.map(([text]) => String(text)).join('');
      return { spinner: spinner.split('\n'), lines: err().split('\n') };
    } finally {
      spy.mockRestore();
    }
  };

  it('never wraps the spinner line, and wraps others between words', async () => {
    const { spinner, lines } = await outputIn(40);
    expect(spinner).toContain('- state-bucket: create, lock-table: ...');
    expect(Math.max(...spinner.map((line) => line.length))).toBeLessThan(40);
    expect(lines).toEqual(['function/IncrementVisits: package of 2', 'files, 4.2 kB', '']);
  });

  it.each([
    [{}, 'cyan'],
    [{ NO_COLOR: '1' }, false],
    [{ FORCE_COLOR: '0' }, false],
  ])('has a colour unless the environment forbids it: %j', async (env, color) => {
    const options: unknown[] = [];
    vi.doMock('ora', () => ({ default: (given: object) => options.push(given) }));
    try {
      await createProgress(captureIo({ live: true, env }).io);
      expect(options).toEqual([expect.objectContaining({ color })]);
    } finally {
      vi.doUnmock('ora');
    }
  });

  it('leaves fitting lines unchanged', async () => {
    const { spinner } = await outputIn(120);
    expect(spinner).toContain('- state-bucket: create, lock-table: create, role/GitHubActionsTerraformRole: create');
  });
});
