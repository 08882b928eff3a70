import type { BuiltPackage, FunctionPackage } from '../../src/package/package.ts';
import { sha256 } from '../../src/package/sha256.ts';

export interface FakePackage extends FunctionPackage {
  /** Content of the source. The package consists of the same bytes. */
  source: string;
  /** Error that `hash` and `build` throw, for example because the source does not exist. */
  missing: Error | undefined;
  builds: number;
}

export function fakePackage(source = 'source 1'): FakePackage {
  const fake: FakePackage = {
    source,
    missing: undefined,
    builds: 0,
    async hash() {
      if (fake.missing !== undefined) throw fake.missing;
      return sha256(fake.source);
    },
    async build(): Promise<BuiltPackage> {
      if (fake.missing !== undefined) throw fake.missing;
      fake.builds += 1;
      const bytes = Buffer.from(fake.source);
      return {
        files: [{ path: 'index.mjs', bytes }],
        leftOut: [],
        zip: bytes,
        sha256: sha256(bytes),
        source: sha256(fake.source),
        warnings: [],
      };
    },
    calls: async () => [],
  };
  return fake;
}

/** The bytes of the package in API calls. */
export function zipOf(source: string): Buffer {
  return Buffer.from(source);
}
