import { CrcError } from '../errors.ts';

/** No job in the workflows logs in to AWS, or none to the selected roles. */
export class NoLogins extends CrcError {
  /** What the workflows show nevertheless: a login without GitHub's token, a file that GitHub rejects. */
  readonly notes: readonly string[];

  constructor(message: string, { hint, notes }: { readonly hint: string; readonly notes: readonly string[] }) {
    super(message, { hint });
    this.notes = notes;
  }
}
