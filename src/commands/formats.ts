import { CrcError } from '../errors.ts';

/** Flags that each decide what is printed. */
interface FormatOptions {
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly sarif?: boolean;
  /** Of a backend block. */
  readonly format?: string;
  /** Whose syntax the environment of a sandbox is printed in. */
  readonly shell?: string;
}

/** A command prints one format. Throws a CrcError for two. */
export function refuseTwoFormats({ json, markdown, sarif, format, shell }: FormatOptions): void {
  const formats = Object.entries({ json, markdown, sarif, format, shell });
  const given = formats.flatMap(([name, is]) => (is ? [`--${name}`] : []));
  if (given.length < 2) return;
  throw new CrcError(`${given.join(' and ')} cannot be used together.`, { hint: 'Pass only one of them.' });
}
