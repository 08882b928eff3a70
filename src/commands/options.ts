/** The flags that every command takes, as commander hands them over. */
export interface GlobalOptions {
  readonly config?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly endpointUrl?: string;
  readonly json?: boolean;
  readonly only?: readonly string[];
  readonly verbose?: boolean;
}
