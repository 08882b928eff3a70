import { describe, expect, it } from 'vitest';
import { documentationUrl } from '../src/documentation.ts';

const PACKAGE = { name: 'crc-bootstrap', version: '1.2.3' };

describe('the URL of the documentation', () => {
  it('is that of the released version in the repository of package.json', () => {
    const released = { ...PACKAGE, repository: { url: 'git+https://github.com/someone/crc.git' } };
    expect(documentationUrl(undefined, released)).toBe('https://github.com/someone/crc/tree/v1.2.3/docs');
    expect(documentationUrl('config.md#roles', released)).toBe(
      'https://github.com/someone/crc/blob/v1.2.3/docs/config.md#roles',
    );
  });

  it("is the package's page on npm before the repository is set", () => {
    expect(documentationUrl('config.md', PACKAGE)).toBe('https://www.npmjs.com/package/crc-bootstrap');
  });
});
