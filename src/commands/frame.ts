import type { Io } from '../ui/io.ts';
import { printErr, printOut } from '../ui/print.ts';
import { costText } from '../ui/text.ts';
import type { RunView } from '../ui/view.ts';
import {
  type AccountConnection,
  type Connection,
  connect,
  connectWithOrWithout,
  type OptionalConnection,
} from './connection.ts';
import { withInterruption } from './interruption.ts';
import { showNext } from './next.ts';
import type { GlobalOptions, ResourceOptions } from './options.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';

/** A command line, as parsed by its definition. */
export interface Invocation {
  readonly command: string;
  readonly options: GlobalOptions;
  readonly io: Io;
}

/** How a command ends. What it has already shown (a plan, a prompt) is not part of it. */
export interface Ending {
  readonly exitCode: number;
  /** The one document of --json. */
  readonly document: (run: RunView) => string;
  /** The result as text, on stdout, with its line breaks. Empty if everything was already shown. */
  readonly text: (run: RunView) => string;
  /** The text is for pasting or parsing, so it is not wrapped. */
  readonly asIs?: boolean;
  /** Follows the text, to be pasted: unchanged, on stdout. */
  readonly pasted?: string | undefined;
  /** What accompanies the result, on stderr: a log, a note. With its line breaks. */
  readonly aside?: string;
  /** Whether the number of calls and the time are shown. */
  readonly cost?: boolean;
  /** The next step, as the last line on stderr: it is prose, and stdout is for results. */
  readonly next?: string;
}

/** Runs a command that needs a config and a connection to AWS, and shows its result. Returns the exit code. */
export async function withConnection(
  { command, options, io }: Invocation,
  run: (connection: Connection) => Promise<Ending>,
): Promise<number> {
  return await withInterruption(io, async (interruption) => {
    const connection = await connect({ command, options, io, interruption });
    return await untilEnd(connection, options, io, run);
  });
}

/** Like `withConnection`, for a command that also runs without a config. */
export async function withAccount(
  { command, options, io }: Invocation,
  run: (connection: OptionalConnection) => Promise<Ending>,
): Promise<number> {
  return await withInterruption(io, async (interruption) => {
    const connection = await connectWithOrWithout({ command, options, io, interruption });
    return await untilEnd(connection, options, io, run);
  });
}

/** Runs a command that plans over resources, and shows its result. Returns the exit code. */
export async function withSession(
  { command, options, io, ...selection }: Invocation & Omit<SessionOptions, 'interruption'>,
  run: (session: Session) => Promise<Ending>,
): Promise<number> {
  return await withInterruption(io, async (interruption) => {
    const session = await openSession({ command, options, io, interruption, ...selection });
    return await untilEnd(session, options, io, async () => {
      const ending = await run(session);
      return { ...ending, aside: `${partialNote(session, options)}${ending.aside ?? ''}` };
    });
  });
}

/** With --only, a result does not cover the whole config. */
function partialNote({ total }: Session, { only = [] }: ResourceOptions): string {
  const selected = new Set(only).size;
  if (selected === 0) return '';
  return `note: --only: ${selected} of ${total} resources ${selected === 1 ? 'was' : 'were'} part of this run\n`;
}

async function untilEnd<C extends AccountConnection>(
  connection: C,
  { json = false }: GlobalOptions,
  io: Io,
  run: (connection: C) => Promise<Ending>,
): Promise<number> {
  const {
    exitCode,
    document,
    text,
    pasted = '',
    aside = '',
    asIs = false,
    cost = false,
    next,
  } = await run(connection).finally(connection.progress.end);
  // Only with exit code 1 is something left to do: 0 and 2 are complete answers.
  if (exitCode !== 1) connection.finished();
  const about = connection.run();
  if (json) {
    io.out(`${document(about)}\n`);
    return exitCode;
  }
  if (asIs) io.out(text(about));
  else await printOut(io, text(about));
  await printErr(io, aside);
  io.out(pasted);
  if (cost) io.err(`${costText(about)}\n`);
  if (!connection.signal.aborted) await showNext(next, io);
  return exitCode;
}
