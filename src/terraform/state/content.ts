import { createHash } from 'node:crypto';
import { type ParsedElementInfo, Tokenizer, TokenParser, TokenType } from '@streamparser/json';

/** The content of a state version, as far as it is examined: never an attribute's value. */
export type StateContent = Readable | Encrypted | Opaque | Unread;

/** A state that Terraform, or OpenTofu with its key, can read; undefined for anything else. */
export function stateIn(content: StateContent | undefined): Readable | Encrypted | undefined {
  return content?.kind === 'state' || content?.kind === 'encrypted' ? content : undefined;
}

/** The MD5 of the bytes, in hex; undefined if they were not read. */
export function md5Of(content: StateContent | undefined): string | undefined {
  return content === undefined || content.kind === 'unread' ? undefined : content.md5;
}

interface Common {
  /** In bytes. */
  readonly size: number;
  /** Of the bytes, in hex: the digest that Terraform stores in the lock table (`KEY-md5`). */
  readonly md5: string;
}

/**
 * A state in the format of OpenTofu and of Terraform since 0.12:
 * https://developer.hashicorp.com/terraform/internals/json-format
 */
export interface Readable extends Common {
  readonly kind: 'state';
  readonly serial: number;
  readonly lineage: string;
  readonly terraformVersion: string | undefined;
  /** Counted like `terraform state list`: instances, including those of data sources. */
  readonly resources: number;
  /** The position of the serial number in the bytes. */
  readonly serialAt: Span;
}

/** A state that OpenTofu encrypted: https://opentofu.org/docs/language/state/encryption/ */
export interface Encrypted extends Common {
  readonly kind: 'encrypted';
  readonly serial: number | undefined;
  readonly lineage: string | undefined;
}

/** Something that must not be treated as a state. */
export interface Opaque extends Common {
  readonly kind: 'opaque';
  readonly why: 'empty' | 'truncated' | 'not-json' | 'not-a-state';
}

/** A version that S3 has but does not return. */
export interface Unread {
  readonly kind: 'unread';
  /** Archived (Glacier), or encrypted with a KMS key that is disabled or deleted. */
  readonly why: 'archived' | 'no-key';
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An instance of a resource, or an output. Must not be kept after the call, since it contains secrets. */
export interface StateInstance {
  /** `module.site.aws_s3_bucket.page[0]`, `output.url` */
  readonly address: string;
  /** `managed aws_s3_bucket`, `data aws_region`; `output` for outputs. */
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** The supported format. */
const FORMAT = 4;

const PATHS = [
  '$.version',
  '$.serial',
  '$.lineage',
  '$.terraform_version',
  '$.encryption_version',
  '$.outputs.*',
  '$.resources.*.module',
  '$.resources.*.mode',
  '$.resources.*.type',
  '$.resources.*.name',
  '$.resources.*.provider',
  '$.resources.*.instances.*',
];

/**
 * Reads a state as a stream, with only one resource instance in memory at a time. Each instance and output is passed to
 * `visit`. A text that is not a state is a result, not an error. @throws the stream's errors. With `isDoubtful`,
 * reading stops at the first sign that it is not JSON; size and digest are then those of its start.
 */
export async function readState(
  chunks: AsyncIterable<Uint8Array>,
  visit: (instance: StateInstance) => void = () => undefined,
  isDoubtful = false,
): Promise<Exclude<StateContent, Unread>> {
  const hash = createHash('md5');
  const reader = new Reader(visit);
  let size = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    size += chunk.length;
    reader.write(chunk);
    if (isDoubtful && reader.isBroken) break;
  }
  return { ...reader.end(size), size, md5: hash.digest('hex') };
}

/** Without what only depends on the bytes. */
type Found = Omit<Readable, keyof Common> | Omit<Encrypted, keyof Common> | Omit<Opaque, keyof Common>;

/** A resource's own keys so far, and its instances, which may precede those keys. */
interface ResourceBlock {
  readonly keys: Record<string, unknown>;
  readonly early: Keys[];
}

/** Remembers the last number as written. */
class ExactTokenizer extends Tokenizer {
  written = '';

  protected override parseNumber(text: string): number {
    this.written = text;
    return Number(text);
  }
}

/** The first byte of a byte order mark in UTF-8; no JSON text starts with it. */
const BYTE_ORDER_MARK = 0xef;

class Reader {
  readonly #tokenizer = new ExactTokenizer();
  readonly #parser = new TokenParser({ paths: PATHS, keepStack: false });
  readonly #top: Record<string, unknown> = {};
  readonly #visit: (instance: StateInstance) => void;
  readonly #serial = new SerialPosition();
  #broken: unknown;
  #started = false;
  #ended = false;
  #resources = 0;
  #block: { readonly of: unknown; readonly seen: ResourceBlock } | undefined;

  constructor(visit: (instance: StateInstance) => void) {
    this.#visit = visit;
    this.#tokenizer.onToken = (token) => {
      this.#serial.see(token.token, token.value, token.offset);
      // A number that JavaScript would round is kept as text, so that a change in its last digit is detected.
      const { written } = this.#tokenizer;
      const isRounded = token.token === TokenType.NUMBER && String(token.value) !== written;
      this.#parser.write(isRounded ? { ...token, token: TokenType.STRING, value: written } : token);
    };
    this.#tokenizer.onError = (error) => {
      this.#broken ??= error;
    };
    this.#parser.onError = this.#tokenizer.onError;
    this.#parser.onValue = (info) => this.#see(info);
    this.#parser.onEnd = () => {
      this.#ended = true;
    };
  }

  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  write(chunk: Uint8Array): void {
    // Terraform refuses a byte order mark, while the tokenizer skips it without counting its bytes.
    if (!this.#started && chunk[0] === BYTE_ORDER_MARK) this.#broken = new Error('a byte order mark');
    this.#started ||= chunk.length > 0;
    if (this.#broken === undefined) this.#tokenizer.write(chunk);
  }

  end(size: number): Found {
    const opaque = (why: Opaque['why']): Found => ({ kind: 'opaque', why });
    if (size === 0) return opaque('empty');
    if (this.#broken !== undefined) return opaque('not-json');
    if (!this.#ended) return opaque('truncated');
    this.#endBlock();
    const { version, serial, lineage, terraform_version: terraformVersion } = this.#top;
    if (this.#top.encryption_version !== undefined) {
      return { kind: 'encrypted', serial: numberOf(serial), lineage: textOf(lineage) };
    }
    const serialAt = this.#serial.span;
    if (version !== FORMAT || serialAt === undefined) return opaque('not-a-state');
    if (typeof serial !== 'number' || typeof lineage !== 'string') return opaque('not-a-state');
    return {
      kind: 'state',
      serial,
      lineage,
      terraformVersion: textOf(terraformVersion),
      resources: this.#resources,
      serialAt,
    };
  }

  #see({ key, value, parent, stack }: ParsedElementInfo): void {
    if (stack.length === 1) this.#top[String(key)] = value;
    else if (stack.length === 2) this.#seeOutput(String(key), value);
    else if (stack.length === 3) this.#blockOf(parent).keys[String(key)] = value;
    else this.#seeInstance(value, this.#blockOf(stack[3]?.value));
  }

  #seeOutput(name: string, value: unknown): void {
    // Of the top-level keys, only outputs are needed below the first level.
    this.#visit({ address: `output.${name}`, type: 'output', attributes: objectOf(value) });
  }

  /** The block of a resource in the list; the previous one ends with the new one's first key. */
  #blockOf(resource: unknown): ResourceBlock {
    if (this.#block?.of !== resource) {
      this.#endBlock();
      this.#block = { of: resource, seen: { keys: {}, early: [] } };
    }
    return this.#block?.seen ?? { keys: {}, early: [] };
  }

  #seeInstance(value: unknown, block: ResourceBlock): void {
    this.#resources += 1;
    const instance = objectOf(value);
    // Terraform writes the names first; a state whose keys a tool has sorted has them last.
    if (isNamed(block.keys)) this.#visit(instanceOf(block.keys, instance));
    else block.early.push(instance);
  }

  #endBlock(): void {
    const block = this.#block?.seen;
    this.#block = undefined;
    for (const instance of block?.early ?? []) this.#visit(instanceOf(block?.keys ?? {}, instance));
  }
}

type Keys = Readonly<Record<string, unknown>>;

/** Terraform writes the module first, so it is known once type and name are. */
function isNamed(keys: Keys): boolean {
  return keys.mode !== undefined && keys.type !== undefined && keys.name !== undefined;
}

function instanceOf(keys: Keys, instance: Keys): StateInstance {
  const { mode, type, name, module, provider } = keys;
  const { index_key: index, deposed, attributes, attributes_flat: flat, status } = instance;
  const at = index === undefined || index === null ? '' : `[${JSON.stringify(index)}]`;
  const address = [
    ...(typeof module === 'string' ? [`${module}.`] : []),
    ...(mode === 'data' ? ['data.'] : []),
    `${String(type)}.${String(name)}${at}`,
    ...(typeof deposed === 'string' ? [` (deposed ${deposed})`] : []),
  ].join('');
  return {
    address,
    type: `${String(mode)} ${String(type)}`,
    // Not attributes, but a difference nevertheless.
    attributes: {
      ...objectOf(attributes ?? flat),
      '(tainted)': status === 'tainted' || undefined,
      '(provider)': provider,
    },
  };
}

/** The position of the number in the top-level key `serial`. */
class SerialPosition {
  span: Span | undefined;
  #depth = 0;
  #after: 'key' | 'colon' | undefined;

  see(token: TokenType, value: unknown, offset: number): void {
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) this.#depth += 1;
    if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) this.#depth -= 1;
    const after = this.#after;
    this.#after = undefined;
    if (this.#depth !== 1) return;
    if (token === TokenType.STRING && value === 'serial') this.#after = 'key';
    else if (token === TokenType.COLON && after === 'key') this.#after = 'colon';
    else if (token === TokenType.NUMBER && after === 'colon') {
      this.span = { start: offset, end: offset + String(value).length };
    }
  }
}

function objectOf(value: unknown): Keys {
  return typeof value === 'object' && value !== null ? (value as Keys) : {};
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
