import type { CrcError } from '../../../errors.ts';
import type { RecordedCall, StateResource } from '../call.ts';

/** The calls found in a run or in a log. */
export interface Recording {
  readonly calls: readonly RecordedCall[];
  readonly state: readonly StateResource[];
  /** ARNs of roles that the provider assumes. */
  readonly assumed: readonly string[];
  /** For logs: missing steps, whose permissions the statements therefore lack. */
  readonly unlogged?: readonly ('plan' | 'apply' | 'destroy')[];
  /** What ended the run early. The calls up to then are in `calls`. */
  readonly failure: CrcError | undefined;
}
