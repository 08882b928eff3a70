import type { Json, JsonObject } from '../../json.ts';
import { canonical } from '../../policies/canonical.ts';

/** A policy document as IAM returns it, URL-encoded. @throws if it is not JSON. */
export function parsedDocument(document: string): JsonObject {
  return JSON.parse(decodeURIComponent(document)) as JsonObject;
}

/** A trust policy as IAM returns it; undefined if it is not JSON, for callers that must not rule anyone out then. */
export function parsedTrust(document: string): Json | undefined {
  try {
    return parsedDocument(document);
  } catch {
    return undefined;
  }
}

/** A policy as IAM returns it, in the form in which policies are compared. @throws if it is not JSON. */
export function canonicalPolicy(document: string): Json {
  return canonical(parsedDocument(document));
}
