import type { CrcError } from '../../../errors.ts';
import type { RecordedCall, StateResource } from '../call.ts';

/** What a run, or its log, has shown. */
export interface Recording {
  readonly calls: readonly RecordedCall[];
  readonly state: readonly StateResource[];
  /** ARNs of roles that the provider assumes. */
  readonly assumed: readonly string[];
  /** Of logs: steps that they lack, so that the statements lack what those need. */
  readonly unlogged?: readonly ('plan' | 'apply' | 'destroy')[];
  /** What ended the run early. What was found until then is in `calls`. */
  readonly failure: CrcError | undefined;
}
