import { setTimeout as sleep } from 'node:timers/promises';

export interface BackOffOptions {
  /** Duration of the first pause in milliseconds. */
  readonly first: number;
  /** Maximum duration of a pause in milliseconds. */
  readonly longest: number;
  /** When aborted, a pause ends immediately. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Pauses between attempts, each twice as long as the previous one. The caller decides when to stop: the next attempt
 * would start `elapsed + next` milliseconds after the first.
 */
export class BackOff {
  readonly #longest: number;
  readonly #signal: AbortSignal | undefined;
  readonly #start = Date.now();
  #next: number;
  #waited = 0;

  constructor({ first, longest, signal }: BackOffOptions) {
    this.#next = first;
    this.#longest = longest;
    this.#signal = signal;
  }

  /** Milliseconds of the next pause. */
  get next(): number {
    return this.#next;
  }

  /** Milliseconds since the start, including attempts and pauses. */
  get elapsed(): number {
    return Date.now() - this.#start;
  }

  /** Milliseconds of the pauses only. */
  get waited(): number {
    return this.#waited;
  }

  /** Throws an AbortError once the signal is aborted. */
  async pause(): Promise<void> {
    await sleep(this.#next, undefined, { signal: this.#signal });
    this.#waited += this.#next;
    this.#next = Math.min(this.#next * 2, this.#longest);
  }
}
