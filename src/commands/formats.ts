import { CrcError } from '../errors.ts';

/** Flags that each decide what is printed. */
interface FormatOptions {
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly sarif?: boolean;
}

/** A command prints one format. Throws a CrcError for two. */
export function refuseTwoFormats({ json, markdown, sarif }: FormatOptions): void {
  const given = Object.entries({ json, markdown, sarif }).flatMap(([name, is]) => (is ? [`--${name}`] : []));
  if (given.length < 2) return;
  throw new CrcError(`${given.join(' and ')} cannot be used together.`, { hint: 'Pass only one of them.' });
}
