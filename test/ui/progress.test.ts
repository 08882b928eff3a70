import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/engine/types.ts';
import type { Io } from '../../src/ui/io.ts';
import { createProgress } from '../../src/ui/progress.ts';

const finding = { id: 'a', type: 't', name: 'n', status: 'in-sync', changes: [] } as const;
const events: readonly Event[] = [
  { kind: 'reading', total: 1 },
  { kind: 'read', finding, done: 1, total: 1 },
  { kind: 'writing', id: 'a', what: 'create' },
  { kind: 'written', result: { id: 'a', outcome: 'created' } },
];

describe('progress without a terminal', () => {
  it('is plain lines on stderr, and nothing on stdout', async () => {
    const [out, err]: [string[], string[]] = [[], []];
    const io: Io = {
      out: (text) => out.push(text),
      err: (text) => err.push(text),
      color: false,
      live: false,
      interactive: false,
      outIsTerminal: false,
      cwd: '/',
      env: {},
    };
    const progress = await createProgress(io);
    for (const event of events) progress.report(event);
    progress.line('a note');
    progress.stop();
    expect([out, err]).toEqual([[], ['reading 1 resource\n', 'a: create\n', 'a note\n']]);
  });
});
