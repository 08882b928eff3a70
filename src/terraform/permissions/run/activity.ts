import type { Json } from '../../../json.ts';
import type { StateResource } from '../call.ts';
import type { LoggedCall } from '../log/read.ts';

/** A time in which Terraform worked on one resource. */
interface Span {
  readonly address: string;
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly start: number;
  end: number;
  /** The id that it has, of what exists already. */
  readonly id: string | undefined;
}

interface Hook {
  readonly resource?: { readonly addr?: string; readonly resource_type?: string };
  readonly id_value?: string;
}

/** Events of one line of Terraform's JSON output: https://developer.hashicorp.com/terraform/internals/machine-readable-ui */
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

/** Of resources in progress: the provider's log does not name them, and Terraform's output says when it worked on which. */
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

  /** What Terraform worked on when it made the calls of one request; undefined where that is not certain. */
  addressOf(calls: readonly LoggedCall[], state: readonly StateResource[]): string | undefined {
    const [first] = calls;
    if (first?.resourceType === undefined || first.time === undefined) return undefined;
    const { time, resourceType } = first;
    const spans = this.#spans.filter(
      // The output has the time of its writing, and so may be a little late.
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

/** Milliseconds. */
const SLACK = 20;

/** Shorter ones are found in any request. */
const MIN_NAME = 2;

/** What a resource is called in requests: its id, and what its attributes hold. */
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
  // A key of S3 is all that follows the bucket.
  return [...parts, parts.slice(1).join('/'), ...Object.values(query)];
}
