import { describe, expect, it } from 'vitest';
import { presentedToken } from '../../src/github/presented.ts';
import { claimsOfToken } from '../../src/github/token.ts';

const NOW = Date.parse('2026-11-26T12:00:00Z');

function tokenWith(exp: unknown): string {
  const claims = JSON.stringify({ sub: 'repo:o/r:pull_request', aud: 'sts.amazonaws.com', exp });
  return ['e30', Buffer.from(claims).toString('base64url'), 'x'].join('.');
}

describe('a token of GitHub', () => {
  it.each([
    [1_700_000_000, '2023-11-14T22:13:20.000Z'],
    [-1e30, '1970-01-01T00:00:00.000Z'],
    [1e30, undefined],
    ['soon', undefined],
    [undefined, undefined],
  ])('with the expiry %s is blocked since %s', (exp, since) => {
    const { parts } = presentedToken(claimsOfToken(tokenWith(exp), 'token.json'), NOW);
    const blocked = parts[0]?.presentation.blocked;
    if (since === undefined) expect(blocked).toBeUndefined();
    else expect(JSON.stringify(blocked)).toContain(since);
  });

  it('is missing if nothing came, also from stdin', () => {
    expect(() => claimsOfToken('\n', '-')).toThrow('stdin is empty.');
    expect(() => claimsOfToken('no token', '-')).toThrow('stdin is not a GitHub token');
  });
});
