import { CrcError } from '../errors.ts';

/** No job of the workflows logs in to AWS, or none to the roles that are asked for. */
export class NoLogins extends CrcError {
  /** What the workflows show all the same: a login without GitHub's token, a file that GitHub refuses. */
  readonly notes: readonly string[];

  constructor(message: string, { hint, notes }: { readonly hint: string; readonly notes: readonly string[] }) {
    super(message, { hint });
    this.notes = notes;
  }
}
