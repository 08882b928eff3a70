/** One problem of a config or of the arguments: where it is, and what is wrong and what to write instead. */
export interface Issue {
  /** `roles[0].trust.repository`; empty for the document as a whole. */
  readonly path: string;
  readonly message: string;
}

/**
 * An error that a person can act on. It is shown without a stack trace: `message` says what failed and why, `hint` what
 * to do now. Every command ends with exit code 1 on it.
 */
export class CrcError extends Error {
  override readonly name = 'CrcError';
  readonly hint: string;
  readonly issues: readonly Issue[] | undefined;
  /** The whole run is in doubt (another's bucket, another region): nothing at all may be written while this stands. */
  readonly fatal: boolean;

  constructor(
    message: string,
    options: {
      readonly hint: string;
      readonly cause?: unknown;
      readonly issues?: readonly Issue[];
      readonly fatal?: boolean;
    },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
    this.issues = options.issues;
    this.fatal = options.fatal ?? false;
  }
}
