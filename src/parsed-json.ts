/** Parses JSON from outside. Undefined, which no JSON text parses to, if it is not JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
