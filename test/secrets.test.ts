import { describe, expect, it } from 'vitest';
import { CrcError } from '../src/errors.ts';
import { withoutSecrets } from '../src/secrets.ts';

const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvOm8vciJ9.c2lnbmF0dXJl';

describe('what looks like a secret', () => {
  it.each([
    ['a token', `${JWT} cannot be read`, '*** cannot be read'],
    ['a part of a token', 'eyJhbGciOiJSUzI1NiJ9', '***'],
    ['a token as a path', `/home/me/${JWT}`, '/home/me/***'],
    ['a password in a URL', 'http://user:pw@host:5000/x failed', 'http://host:5000/x failed'],
    ['a user in a URL', 'https://ghp_abcdefghijklmnopqrst@github.com/o/r', 'https://github.com/o/r'],
    ['a query', 'https://host/o/r.git?x=y is no remote', 'https://host/o/r.git is no remote'],
    ['a named value', 'git://host/?private_token=abc and API_KEY=def', 'git://host/?private_token=*** and API_KEY=***'],
    ['a key of AWS', 'key AKIAIOSFODNN7EXAMPLE', 'key ***'],
    ['a temporary key of AWS', 'ASIAIOSFODNN7EXAMPLE', '***'],
    ['tokens of GitHub', 'ghp_abcdefghijklmnopqrst github_pat_abcdefghijklmnopqrst', '*** ***'],
    ['a basic header', 'Authorization: Basic bWU6cHc=', 'Authorization: ***'],
    ['a signed header', 'x-amz-security-token: abc; next', 'x-amz-security-token: *** next'],
    ['a session token', `it is ${'IQoJb3JpZ2luX2VjEHoaCWV1LXdlc3QtMiJ/'.repeat(5)}`, 'it is ***'],
    ['a header', 'Authorization: Bearer abcdefghijklmnopqrst', 'Authorization: Bearer ***'],
  ])('%s is removed', (_, text, expected) => {
    expect(withoutSecrets(text)).toBe(expected);
    const error = new CrcError(text, { hint: text, details: [text], issues: [{ path: '', message: text }] });
    expect([error.message, error.hint, ...error.details, error.issues?.[0]?.message]).toEqual(Array(4).fill(expected));
  });

  it.each([
    'AWS does not accept the web identity token: Incorrect token audience.',
    'Log in (`aws sso login --profile work`), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    'repo:o/r:ref:refs/heads/main',
    'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids',
    'arn:aws:iam::123456789012:role/GitHubActionsTerraformRole',
    'AIDAIOSFODNN7EXAMPLE',
    'crc explain --token FILE',
    'Write them as in HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT.',
    `/srv/builds/${'a-folder-of-many_words/'.repeat(8)}crc`,
  ])('other text is unchanged: %s', (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });
});
