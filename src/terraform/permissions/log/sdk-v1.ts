import type { WireRequest } from './request.ts';

/** A request in the log of version 1 of the SDK for Go, which providers before version 5 use for most services. */
export interface OldRequest {
  /** The SDK's name of the service (`s3`, `monitoring`), and the operation. */
  readonly service: string;
  readonly operation: string;
  readonly wire: WireRequest;
}

/** `[DEBUG] [aws-sdk-go] DEBUG: Request s3/GetBucketAcl Details:` */
const START = /\[aws-sdk-go\] DEBUG: Request ([\w -]+)\/(\w+) Details:/;

/** The line of dashes after a request, sometimes followed by log fields. */
const END = /^-{40,}(?!\[)/;

/** Collects the lines of one request. `add` returns it at its last line. */
export class OldRequests {
  #lines: string[] | undefined;
  #service = '';
  #operation = '';

  /** Whether a request is incomplete: all lines belong to it, whatever their format. */
  get isOpen(): boolean {
    return this.#lines !== undefined;
  }

  add(line: string): OldRequest | undefined {
    const [, service, operation] = START.exec(line) ?? [];
    if (service !== undefined && operation !== undefined) {
      this.#lines = [];
      this.#service = service;
      this.#operation = operation;
      return undefined;
    }
    if (this.#lines === undefined) return undefined;
    if (!END.test(line)) {
      if (!line.startsWith('---[ REQUEST')) this.#lines.push(line);
      return undefined;
    }
    const wire = wireOf(this.#lines);
    this.#lines = undefined;
    return wire === undefined ? undefined : { service: this.#service, operation: this.#operation, wire };
  }
}

/** A request in HTTP format: request line, headers, an empty line, the body. */
function wireOf(lines: readonly string[]): WireRequest | undefined {
  const [, method, target = ''] = /^([A-Z]+) (\S+) HTTP\//.exec(lines[0]?.trim() ?? '') ?? [];
  if (method === undefined) return undefined;
  const empty = lines.findIndex((line, at) => at > 0 && line.trim() === '');
  const end = empty === -1 ? lines.length : empty;
  const headers = Object.fromEntries(
    lines.slice(1, end).map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return {
    method,
    url: `https://${headers.host ?? 'localhost'}${target}`,
    headers,
    body: lines.slice(end + 1).join('\n'),
  };
}
