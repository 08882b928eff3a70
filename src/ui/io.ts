/** Where output goes and what kind of terminal it is. Results to `out`, progress and errors to `err`. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** stdout takes colours. */
  readonly color: boolean;
  /** stderr is a terminal, and no CI: spinners make sense. */
  readonly live: boolean;
  /** stdin and stderr are terminals: a person can be asked. */
  readonly interactive: boolean;
  /** stdout is a terminal: a person reads results there. */
  readonly outIsTerminal: boolean;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}
