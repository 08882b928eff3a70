import { libraryName } from './place.ts';

interface SourceMap {
  readonly sources: readonly string[];
  readonly sourcesContent?: readonly (string | null)[];
  readonly mappings: string;
}

/**
 * The source map of a bundle with lines added before it, including the source of the function itself. That of libraries
 * would be several times as long as the code, and stack traces show their files and lines without it.
 */
export function shiftedMap(
  bytes: Uint8Array,
  linesBefore: number,
  contentOf: (source: string) => string | undefined,
): Uint8Array {
  const map = JSON.parse(new TextDecoder().decode(bytes)) as SourceMap;
  const sourcesContent = map.sources.map((source) => contentOf(source) ?? null);
  const shifted = {
    ...map,
    sources: map.sources.map(libraryName),
    sourcesContent,
    mappings: `${';'.repeat(linesBefore)}${map.mappings}`,
  };
  return new TextEncoder().encode(JSON.stringify(shifted));
}
