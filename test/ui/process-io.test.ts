import { describe, expect, it } from 'vitest';
import { CrcError } from '../../src/errors.ts';
import { wantsColor, writeDirectly } from '../../src/ui/process-io.ts';

/** A file descriptor whose writes have these results in order: a number of bytes, or an error code. */
function descriptor(answers: readonly (number | string)[]) {
  const written: string[] = [];
  const remaining = [...answers];
  const write = (_: number, bytes: Uint8Array) => {
    const answer = remaining.shift() ?? bytes.length;
    if (typeof answer === 'string') throw Object.assign(new Error(answer), { code: answer });
    written.push(Buffer.from(bytes).subarray(0, answer).toString());
    return Math.min(answer, bytes.length);
  };
  return { write: write as typeof import('node:fs').writeSync, written };
}

describe('writing without a stream', () => {
  it.each([
    ['in one write', [], ['a long text'], ''],
    ['in pieces', [2, 5], ['a ', 'long ', 'text'], ''],
    ['until the pipe is full, and leaves the rest to the stream', [2, 'EAGAIN'], ['a '], 'long text'],
    ['until the reader has closed the pipe', [2, 'EPIPE'], ['a '], ''],
  ])('%s', (_, answers, pieces, rest) => {
    const { write, written } = descriptor(answers);
    expect([writeDirectly(1, 'a long text', write).toString(), written]).toEqual([rest, pieces]);
  });

  it('reports that nothing can be written', () => {
    expect(() => writeDirectly(1, 'text', descriptor(['ENOSPC']).write)).toThrow(CrcError);
  });
});

describe('colours', () => {
  it.each([
    [{}, undefined],
    [{ NO_COLOR: '', FORCE_COLOR: '' }, undefined],
    [{ NO_COLOR: '1' }, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    [{ FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '0' }, false],
    [{ FORCE_COLOR: 'false' }, false],
  ])('with %j in the environment: %s', (env, expected) => {
    expect(wantsColor(env)).toBe(expected);
  });
});
