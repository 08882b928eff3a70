import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/engine/types.ts';
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
});
