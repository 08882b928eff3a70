import type { Cors } from '@aws-sdk/client-lambda';
import type { Json } from '../../json.ts';

/** CORS settings in the config; keys that are not in the config are not managed. */
export interface CorsSettings {
  readonly allowOrigins?: readonly string[] | undefined;
  readonly allowMethods?: readonly string[] | undefined;
  readonly allowHeaders?: readonly string[] | undefined;
  readonly exposeHeaders?: readonly string[] | undefined;
  readonly allowCredentials?: boolean | undefined;
  readonly maxAgeSeconds?: number | undefined;
}

/** CORS as a fact: the keys in the config, normalized for comparison. */
export type CorsFact = { readonly [key: string]: Json };

/** For each key in the config: its name in the API, and its value when it is not set. */
const CORS_KEYS = {
  allowOrigins: { name: 'AllowOrigins', none: [] },
  allowMethods: { name: 'AllowMethods', none: [] },
  allowHeaders: { name: 'AllowHeaders', none: [] },
  exposeHeaders: { name: 'ExposeHeaders', none: [] },
  allowCredentials: { name: 'AllowCredentials', none: false },
  maxAgeSeconds: { name: 'MaxAge', none: 0 },
} as const satisfies Record<keyof CorsSettings, { readonly name: keyof Cors; readonly none: Json }>;

export function wantedCors(cors: CorsSettings = {}): CorsFact {
  return Object.fromEntries(named(cors).map((key) => [key, comparable(key, cors[key] as Json)]));
}

export function liveCors(cors: CorsSettings = {}, live: Cors = {}): CorsFact {
  return Object.fromEntries(
    named(cors).map((key) => [key, comparable(key, (live[CORS_KEYS[key].name] ?? CORS_KEYS[key].none) as Json)]),
  );
}

/**
 * CORS for the API. Includes live values of keys that are not in the config, because each call replaces all of them.
 * Undefined when empty.
 */
export function sentCors(cors: CorsSettings = {}, live: Cors = {}): Cors | undefined {
  const sent = { ...live, ...Object.fromEntries(named(cors).map((key) => [CORS_KEYS[key].name, cors[key]])) } as Cors;
  return Object.keys(sent).length === 0 ? undefined : sent;
}

/** `CORS for GET from https://a.example` */
export function corsText({ allowOrigins, allowMethods, ...more }: CorsSettings = {}): string | undefined {
  const parts = [
    ...(allowMethods === undefined ? [] : [`for ${allowMethods.join(', ')}`]),
    ...(allowOrigins === undefined ? [] : [`from ${allowOrigins.join(', ')}`]),
    ...Object.entries(more).flatMap(([key, value]) =>
      value === undefined ? [] : [`${key} ${[value].flat().join(', ')}`],
    ),
  ];
  return parts.length === 0 ? undefined : `CORS ${parts.join(' ')}`;
}

function named(cors: CorsSettings): readonly (keyof CorsSettings)[] {
  return (Object.keys(CORS_KEYS) as (keyof CorsSettings)[]).filter((key) => cors[key] !== undefined);
}

/** Lists in CORS are sets, and header names are case-insensitive. */
function comparable(key: keyof CorsSettings, value: Json): Json {
  if (!Array.isArray(value)) return value;
  const texts = value.map(String);
  return key.endsWith('Headers') ? texts.map((text) => text.toLowerCase()).sort() : texts.sort();
}
