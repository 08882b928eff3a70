import { stripVTControlCharacters } from 'node:util';
import type { RecordedCall } from '../call.ts';
import { headOf, jsonEntry, type LogEntry, textEntry, withoutRunner } from './entry.ts';
import { requestOf, signatureScope, type WireRequest } from './request.ts';
import { OldRequests } from './sdk-v1.ts';

/** A call in a log, before its phase and address are known. */
export interface LoggedCall extends Omit<RecordedCall, 'phase' | 'address'> {
  /** In milliseconds since 1970, if the log has times. */
  readonly time?: number | undefined;
  /** The id of Terraform's request to the provider (`tf_req_id`), which may cause several calls. */
  readonly requestId?: string | undefined;
  /** Terraform's request to the provider: `ReadResource`, `ApplyResourceChange`. */
  readonly rpc?: string | undefined;
  /** The access key that signed it, as far as the log shows it. */
  readonly signer?: string | undefined;
  /** The Terraform command, if the log has it: `plan`. */
  readonly command?: string | undefined;
}

/** SDK messages for a missing permission. */
const DENIED = /AccessDenied|UnauthorizedOperation|NotAuthorized|Forbidden|is not authorized to perform/;

/**
 * Reads the log of terraform-provider-aws line by line, from any version, as text or JSON, also as shown by GitHub
 * Actions. Ignores everything but calls to AWS, so a complete Terraform or job log can be given.
 */
export class LogReader {
  readonly #calls: LoggedCall[] = [];
  /** Recognizes retries, which count as one call. */
  readonly #seen = new Set<string>();
  readonly #old = new OldRequests();
  readonly #onCall: (call: LoggedCall) => void;
  #entry: { readonly time: number | undefined; readonly lines: string[] } | undefined;
  #command: string | undefined;

  /** `onCall` is called for each call when its request has been read, before its response. */
  constructor(onCall: (call: LoggedCall) => void = () => undefined) {
    this.#onCall = onCall;
  }

  add(given: string): void {
    const line = withoutRunner(stripVTControlCharacters(given).replace(/\r$/, ''));
    const json = line.startsWith('{') ? jsonEntry(line) : undefined;
    if (json !== undefined) {
      this.#flush();
      this.#take(json);
      return;
    }
    const head = headOf(line);
    // In logs of Terraform before 0.15, each line of a request is a separate entry.
    const isOld = this.#takeOld(head?.rest ?? line, head?.time);
    if (isOld) {
      this.#flush();
      return;
    }
    if (head === undefined) {
      this.#entry?.lines.push(line);
      return;
    }
    this.#flush();
    this.#entry = { time: head.time, lines: [head.rest] };
  }

  /** Returns all calls. No more lines may be added. */
  end(): readonly LoggedCall[] {
    this.#flush();
    return this.#calls;
  }

  #flush(): void {
    const entry = this.#entry;
    this.#entry = undefined;
    if (entry === undefined) return;
    const [first = ''] = entry.lines;
    // Most of a log is not about requests and need not be parsed.
    if (!/^HTTP Re|CLI (command )?args/.test(first)) return;
    this.#take(textEntry(entry.time, entry.lines.join('\n')), first);
  }

  #take(entry: LogEntry, text = entry.message): void {
    const { message, fields } = entry;
    const [, command] = /CLI (?:command )?args: \[\]string\{(?:"terraform", |"tofu", )?"(\w+)"/.exec(text) ?? [];
    if (command !== undefined) this.#command = command;
    if (message.startsWith('HTTP Request Sent')) this.#takeRequest(entry);
    else if (message.startsWith('HTTP Response Received')) this.#takeResponse(fields);
    else for (const line of message.split('\n')) this.#takeOld(headOf(line)?.rest ?? line, entry.time);
  }

  #takeRequest({ time, fields }: LogEntry): void {
    const service = fields['rpc.service'] ?? fields['aws.service'];
    const operation = fields['rpc.method'] ?? fields['aws.operation'];
    const url = fields['http.url'];
    if (service === undefined || operation === undefined || url === undefined || !URL.canParse(url)) return;
    const invocation = fields['http.request.header.amz_sdk_invocation_id'];
    if (invocation !== undefined && this.#seen.has(invocation)) return;
    if (invocation !== undefined) this.#seen.add(invocation);
    const scope = signatureScope(fields['http.request.header.authorization'] ?? '');
    this.#add({
      service,
      operation,
      signingName: scope.service === '' ? undefined : scope.service,
      region: scope.region || fields['aws.region'] || '',
      request: requestOf({
        method: fields['http.method'] ?? 'GET',
        url,
        headers: headersOf(fields),
        body: fields['http.request.body'] ?? '',
      }),
      resourceType: fields.tf_resource_type ?? fields.tf_data_source_type,
      time,
      requestId: fields.tf_req_id,
      rpc: fields.tf_rpc,
      signer: scope.key === '' ? undefined : scope.key,
      command: this.#command,
    });
  }

  #add(call: LoggedCall): void {
    this.#calls.push(call);
    this.#onCall(call);
  }

  #takeResponse(fields: LogEntry['fields']): void {
    const status = fields['http.status_code'];
    if (status !== '403' && !(status === '400' && DENIED.test(fields['http.response.body'] ?? ''))) return;
    const at = this.#calls.findLastIndex(
      ({ operation, requestId }) => operation === fields['rpc.method'] && requestId === fields.tf_req_id,
    );
    const call = this.#calls[at];
    if (call !== undefined) this.#calls[at] = { ...call, denied: true };
  }

  /** Returns true if the line belongs to a request in the old format. */
  #takeOld(line: string, time: number | undefined): boolean {
    const wasOpen = this.#old.isOpen;
    const old = this.#old.add(line);
    if (old !== undefined)
      this.#add({ ...oldCall(old.service, old.operation, old.wire), time, command: this.#command });
    return wasOpen || this.#old.isOpen;
  }
}

function oldCall(service: string, operation: string, wire: WireRequest): LoggedCall {
  const scope = signatureScope(wire.headers.authorization ?? '');
  return {
    service,
    operation,
    signingName: scope.service === '' ? undefined : scope.service,
    region: scope.region,
    request: requestOf(wire),
    signer: scope.key === '' ? undefined : scope.key,
  };
}

const HEADER = 'http.request.header.';

/** `http.request.header.x_amz_tagging` is the header `x-amz-tagging`. */
function headersOf(fields: LogEntry['fields']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => name.startsWith(HEADER))
      .map(([name, value]) => [name.slice(HEADER.length).replaceAll('_', '-').toLowerCase(), value]),
  );
}
