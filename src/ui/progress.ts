import type { Event } from '../engine/outcome.ts';
import { foreign, shown } from './foreign.ts';
import { type Io, knowsUnicode } from './io.ts';
import { asTyped } from './own-command.ts';
import { wantsColor } from './process-io.ts';

/** Shows the engine's events on stderr, and lets other lines through without disturbing them. */
export interface Progress {
  report(event: Event): void;
  line(text: string): void;
  /** How many (`versions`) of how many were read; without a total, how many were listed so far. */
  count(done: number, total?: number, what?: string): void;
  stop(): void;
  /** Stops for good: what still runs after an error shows nothing after it. */
  end(): void;
  /** Stays silent while a prompt is shown. */
  pause<T>(question: () => Promise<T>): Promise<T>;
}

/** A spinner in a terminal, plain lines elsewhere and in CI. */
export async function createProgress(io: Io): Promise<Progress> {
  const progress = io.live ? await spinner(io) : plainLines(io, await wrapperFor(io));
  let ended = false;
  return {
    report(event) {
      if (!ended) progress.report(shown(event));
    },
    line(text) {
      if (!ended) progress.line(asTyped(foreign(text), io));
    },
    count(done, total, what) {
      if (!ended) progress.count(done, total, what);
    },
    stop: progress.stop,
    end() {
      ended = true;
      progress.stop();
    },
    pause: progress.pause,
  };
}

/** Wraps a text at the terminal's current width; without a terminal, lines are unchanged. */
async function wrapperFor(io: Io): Promise<(text: string) => string> {
  if (io.errColumns === undefined) return (text) => text;
  const { wrap } = await import('./wrap.ts');
  return (text) => (io.errColumns === undefined ? text : wrap(text, io.errColumns));
}

/** Number of resources between plain progress lines. */
const STRIDE = 100;

/** Number of objects between plain progress lines. */
const COUNTED = 500;

/** Columns for the spinner, a space after it, and one free column, since some terminals wrap at the last column. */
const SPINNER = 3;

/** Maximum number of resources named by a spinner. */
const SHOWN = 4;

function plainLines(io: Io, wrapped: (text: string) => string): Omit<Progress, 'end'> {
  let written = 0;
  return {
    report: (event) => {
      const text = lineOf(event);
      if (text !== undefined) io.err(`${text}\n`);
      if (event.kind === 'read' && event.done % STRIDE === 0 && event.done < event.total)
        io.err(`read ${event.done} of ${resources(event.total)}\n`);
      if (event.kind !== 'written') return;
      written += 1;
      if (written % STRIDE === 0) io.err(`done with ${resources(written)}\n`);
    },
    line: (text) => io.err(`${wrapped(text)}\n`),
    count(done, total, what) {
      if (done % COUNTED === 0 && done !== total) io.err(`${countText(done, total, what)}\n`);
    },
    stop: () => undefined,
    pause: (question) => question(),
  };
}

async function spinner(io: Io): Promise<Omit<Progress, 'end'>> {
  const [{ default: ora }, { cut }, wrapped] = await Promise.all([import('ora'), import('./wrap.ts'), wrapperFor(io)]);
  // ora writes to the terminal itself.
  const unicode = knowsUnicode(io.env);
  const spin = ora({
    stream: process.stderr,
    discardStdin: false,
    spinner: unicode ? 'dots' : 'line',
    // Its colour library does not read NO_COLOR.
    color: wantsColor(io.env) === false ? false : 'cyan',
  });
  const busy = new Map<string, string>();
  let written = 0;
  let paused = false;
  let fullText = '';
  const setText = (text: string) => {
    fullText = text;
    spin.text = io.errColumns === undefined ? text : cut(text, io.errColumns - SPINNER, unicode ? '…' : '...');
  };
  const resized = () => setText(fullText);
  process.stderr.on('resize', resized);
  const show = (text: string) => {
    setText(text);
    if (!paused) spin.start();
  };
  return {
    report(event) {
      if (event.kind === 'reading') show(`reading ${resources(event.total)}`);
      if (event.kind === 'read') setText(`read ${event.done} of ${resources(event.total)}`);
      if (event.kind === 'read' && event.done === event.total) spin.stop();
      if (event.kind === 'writing') busy.set(event.id, event.what);
      if (event.kind === 'written') {
        busy.delete(event.result.id);
        written += 1;
      }
      if (event.kind !== 'writing' && event.kind !== 'written') return;
      if (busy.size === 0) spin.stop();
      else show(busyText(busy, written));
    },
    count(done, total, what) {
      if (done === total) spin.stop();
      else show(countText(done, total, what));
    },
    line(text) {
      spin.clear();
      io.err(`${wrapped(text)}\n`);
      if (spin.isSpinning) spin.render();
    },
    stop: () => {
      process.stderr.off('resize', resized);
      spin.stop();
    },
    async pause(question) {
      const spinning = spin.isSpinning;
      spin.stop();
      paused = true;
      try {
        return await question();
      } finally {
        paused = false;
        if (spinning || busy.size > 0) spin.start();
      }
    },
  };
}

function lineOf(event: Event): string | undefined {
  if (event.kind === 'reading') return `reading ${resources(event.total)}`;
  if (event.kind === 'writing') return `${event.id}: ${event.what}`;
  return undefined;
}

/** The resources being written, shortened to fit on one line. */
function busyText(busy: ReadonlyMap<string, string>, written: number): string {
  const shown = [...busy].slice(0, SHOWN).map(([id, what]) => `${id}: ${what}`);
  const more = busy.size > SHOWN ? `, and ${busy.size - SHOWN} more` : '';
  return `${shown.join(', ')}${more}${written < STRIDE ? '' : ` (done with ${resources(written)})`}`;
}

function resources(count: number): string {
  return count === 1 ? '1 resource' : `${count} resources`;
}

function countText(done: number, total: number | undefined, what = 'versions'): string {
  return total === undefined ? `listed ${done} ${what}` : `read ${done} of ${total} ${what}`;
}
