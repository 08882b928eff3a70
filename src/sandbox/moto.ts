import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CrcError } from '../errors.ts';
import { isObject } from '../json.ts';
import { emulatorEnvironment } from './environment.ts';
import { findLauncher, type Launcher } from './launchers.ts';
import { startTied, type Tied } from './tied.ts';

export interface Moto {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  stop(): Promise<void>;
}

export interface MotoOptions {
  readonly accountId: string;
  /**
   * Whether AWS managed policies (`arn:aws:iam::aws:policy/…`) can be attached; Moto loads about a thousand of them for
   * each empty account.
   */
  readonly managedPolicies?: boolean;
  /** The PATH in which to look for launchers. */
  readonly path?: string;
  /** Cancels the start: the server is stopped, and an AbortError with the signal's reason as its cause is thrown. */
  readonly signal?: AbortSignal;
  /** Called with the launcher before anything is started. */
  readonly onLauncher?: (launcher: Launcher) => void;
}

/** In milliseconds, until the server must respond; uvx, pipx and Docker may have to download it first. */
const START_DEADLINE = 180_000;
/** In milliseconds, for each request that checks whether it is ready. */
const ANSWER_DEADLINE = 5_000;
const STOP_DEADLINE = 5_000;
const PORT_TRIES = 5;

/** Starts Moto on a free loopback port and waits until it responds. @throws CrcError if it cannot be started. */
export async function startMoto({
  accountId,
  managedPolicies = true,
  path = process.env.PATH ?? '',
  signal = new AbortController().signal,
  onLauncher = () => undefined,
}: MotoOptions): Promise<Moto> {
  const launcher = await findLauncher(path);
  onLauncher(launcher);
  const settings = {
    MOTO_ACCOUNT_ID: accountId,
    MOTO_IAM_LOAD_MANAGED_POLICIES: String(managedPolicies),
    // Issue certificates immediately; otherwise aws_acm_certificate_validation would wait for a minute.
    MOTO_ACM_VALIDATION_WAIT: '0',
  };
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    const server = new Server(launcher, launcher.command({ port, settings }), { ...settings, PATH: path });
    try {
      await server.ready(`http://127.0.0.1:${port}`, signal);
      return { endpoint: `http://127.0.0.1:${port}`, stop: () => server.stop() };
    } catch (error) {
      await server.stop();
      // Another process took the port between the check and the start.
      const lostRace = /address already in use|port is already allocated/i.test(server.stderr);
      if (!lostRace || tries === PORT_TRIES) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

class Server {
  readonly #tied: Tied;
  readonly #program: string;
  /** The last part of its stderr. */
  stderr = '';

  constructor({ program }: Launcher, command: readonly string[], settings: Readonly<Record<string, string>>) {
    this.#program = program;
    this.#tied = startTied(command, {
      env: { ...emulatorEnvironment(process.env), ...settings },
      last: 'TERM',
      stdout: 'ignore',
    });
    this.#tied.child.stderr?.on('data', (chunk) => {
      this.stderr = `${this.stderr}${String(chunk)}`.slice(-2_000);
    });
  }

  /** @throws CrcError if it does not come up, and an AbortError when the signal fires. */
  async ready(endpoint: string, signal: AbortSignal): Promise<void> {
    const end = Date.now() + START_DEADLINE;
    while (Date.now() < end) {
      const answer = await Promise.race([this.#tied.ended.then(() => 'exited' as const), ask(endpoint, signal)]);
      if (answer === 'exited') throw this.#failure('exited before it was ready');
      if (answer === 'wrong version') {
        throw new CrcError(`crc needs Moto 5, but ${this.#program} starts a different version.`, {
          hint: "Upgrade it: `pip install 'moto[server]>=5,<6'`",
        });
      }
      if (answer === 'ready') return;
      await sleep(50, undefined, { signal });
    }
    throw this.#failure('did not start in time');
  }

  #failure(what: string): CrcError {
    const stderr = this.stderr.trim();
    return new CrcError(`Moto (${this.#program}) ${what}.`, {
      details: stderr === '' ? [] : stderr.split(/\r?\n/),
      hint: 'Start it yourself to see why: `moto_server -p 5000`.',
    });
  }

  async stop(): Promise<void> {
    const { child, ended, kill } = this.#tied;
    // It could not be started.
    if (child.pid === undefined) return;
    kill('SIGTERM');
    const killer = setTimeout(() => kill('SIGKILL'), STOP_DEADLINE);
    await ended;
    clearTimeout(killer);
    for (const stream of child.stdio) stream?.destroy();
  }
}

/**
 * Moto serves its configuration since version 5. Another program on the port may accept the connection and never
 * respond.
 */
async function ask(endpoint: string, signal: AbortSignal): Promise<'ready' | 'silent' | 'wrong version'> {
  // AbortSignal.any only exists since Node 20.3.
  const controller = new AbortController();
  const stop = () => controller.abort();
  const timer = setTimeout(stop, ANSWER_DEADLINE);
  signal.addEventListener('abort', stop);
  try {
    const response = await fetch(`${endpoint}/moto-api/config`, { signal: controller.signal }).catch(() => undefined);
    if (response === undefined) return 'silent';
    const config: unknown = await response.json().catch(() => undefined);
    return response.ok && isObject(config) && 'lambda' in config ? 'ready' : 'wrong version';
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
