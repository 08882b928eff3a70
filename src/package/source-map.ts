interface SourceMap {
  readonly sources: readonly string[];
  readonly sourcesContent?: readonly (string | null)[];
  readonly mappings: string;
}

/**
 * The source map of a bundle before which lines were put, with the source of the function itself: that of libraries would be
 * several times as long as the code, and a stack shows their files and lines without it.
 */
export function fittingMap(
  bytes: Uint8Array,
  linesBefore: number,
  contentOf: (source: string) => string | undefined,
): Uint8Array {
  const map = JSON.parse(new TextDecoder().decode(bytes)) as SourceMap;
  const sourcesContent = map.sources.map((source) => contentOf(source) ?? null);
  const fitting = { ...map, sourcesContent, mappings: `${';'.repeat(linesBefore)}${map.mappings}` };
  return new TextEncoder().encode(JSON.stringify(fitting));
}
