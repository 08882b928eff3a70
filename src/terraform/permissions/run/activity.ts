import type { Json } from '../../../json.ts';
import type { StateResource } from '../call.ts';
import type { LoggedCall } from '../log/read.ts';

/** A period in which Terraform worked on one resource. */
interface Span {
  readonly address: string;
  readonly type: string;
  /** In milliseconds since 1970. */
  readonly start: number;
  end: number;
  /** The resource's id, if it already exists. */
  readonly id: string | undefined;
}

interface Hook {
  readonly resource?: { readonly addr?: string; readonly resource_type?: string };
  readonly id_value?: string;
}

/**
 * An event in a line of Terraform's JSON output:
 * https://developer.hashicorp.com/terraform/internals/machine-readable-ui
 */
export interface UiEvent {
  readonly type?: string;
  readonly '@message'?: string;
  readonly '@level'?: string;
  readonly '@timestamp'?: string;
  readonly hook?: Hook;
  readonly diagnostic?: Diagnostic;
}

export interface Diagnostic {
  readonly severity?: string;
  readonly summary?: string;
  readonly detail?: string;
  readonly address?: string;
  readonly range?: { readonly filename?: string; readonly start?: { readonly line?: number } };
}

/**
 * Tracks which resources are in progress: the provider's log does not name them, but Terraform's output shows when it
 * worked on which.
 */
export class Activity {
  readonly #spans: Span[] = [];

  add({ type = '', hook, '@timestamp': stamp = '' }: UiEvent): void {
    const address = hook?.resource?.addr;
    const time = Date.parse(stamp);
    if (address === undefined || Number.isNaN(time)) return;
    if (type === 'apply_start' || type === 'refresh_start') {
      const resourceType = hook?.resource?.resource_type ?? '';
      this.#spans.push({ address, type: resourceType, start: time, end: Number.POSITIVE_INFINITY, id: hook?.id_value });
    } else if (/^(apply|refresh)_(complete|errored)$/.test(type)) {
      const open = this.#spans.findLast((span) => span.address === address && span.end === Number.POSITIVE_INFINITY);
      if (open !== undefined) open.end = time;
    }
  }

  /** The resource that Terraform was working on when it made the calls of one request; undefined if ambiguous. */
  addressOf(calls: readonly LoggedCall[], state: readonly StateResource[]): string | undefined {
    const [first] = calls;
    if (first?.resourceType === undefined || first.time === undefined) return undefined;
    const { time, resourceType } = first;
    const spans = this.#spans.filter(
      // Output is timestamped when written, which may be slightly late.
      (span) => span.type === resourceType && span.start <= time + SLACK && time <= span.end + SLACK,
    );
    const addresses = [...new Set(spans.map(({ address }) => address))];
    if (addresses.length <= 1) return addresses[0];
    const texts = new Set(
      calls.flatMap(({ request }) => [...leaves(request.body), ...wordsOf(request.path, request.query)]),
    );
    const scores = addresses.map((address) => ({
      address,
      score: namesOf(address, this.#spans, state).filter((name) => texts.has(name)).length,
    }));
    const best = Math.max(...scores.map(({ score }) => score));
    const winners = scores.filter(({ score }) => score === best);
    return best > 0 && winners.length === 1 ? winners[0]?.address : undefined;
  }
}

/** In milliseconds. */
const SLACK = 20;

/** Shorter names occur in any request. */
const MIN_NAME = 2;

/** A resource's names in requests: its id and its attribute values. */
function namesOf(address: string, spans: readonly Span[], state: readonly StateResource[]): readonly string[] {
  const attributes = state.find((resource) => resource.address === address)?.attributes ?? {};
  const ids = spans.flatMap((span) => (span.address === address && span.id !== undefined ? [span.id] : []));
  const values = Object.values(attributes).filter((value): value is string => typeof value === 'string');
  return [...new Set([...ids, ...values])].filter((name) => name.length >= MIN_NAME);
}

function leaves(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((inner) => leaves(inner as Json));
}

function wordsOf(path: string, query: Readonly<Record<string, string>>): readonly string[] {
  const parts = path.split('/').filter((part) => part !== '');
  // An S3 key is everything after the bucket.
  return [...parts, parts.slice(1).join('/'), ...Object.values(query)];
}
