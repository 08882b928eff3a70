import { type MotoOptions, startMoto } from './moto.ts';
import { startPolicyFilter } from './policy-filter.ts';

/** An AWS emulator on this machine. */
export interface Sandbox {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  stop(): Promise<void>;
}

export interface SandboxOptions extends MotoOptions {
  /** Allows objects in buckets whose policy denies requests without TLS. */
  readonly terraform: boolean;
}

/**
 * Starts the emulator and waits until it responds. @throws CrcError if it cannot be started, and an AbortError when
 * the signal fires.
 */
export async function startSandbox({ terraform, ...options }: SandboxOptions): Promise<Sandbox> {
  const moto = await startMoto(options);
  if (!terraform) return moto;
  try {
    const filter = await startPolicyFilter(moto.endpoint);
    return {
      endpoint: filter.endpoint,
      async stop() {
        await filter.stop();
        await moto.stop();
      },
    };
  } catch (error) {
    await moto.stop();
    throw error;
  }
}
