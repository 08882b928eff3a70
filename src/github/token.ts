import { CrcError } from '../errors.ts';
import { isObject } from '../json.ts';
import { parsedJson } from '../parsed-json.ts';

/**
 * The claims of a GitHub token about its job. The token itself is never shown, since anyone with it can act as the job.
 */
export interface TokenClaims {
  readonly subject: string;
  readonly audience: string;
  /** All string claims, including `sub` and `iss`. */
  readonly claims: ReadonlyMap<string, string>;
  /** In seconds since 1970; undefined if the token has no expiry. */
  readonly expires: number | undefined;
}

/**
 * The claims of a token in a file, or in stdin for `-`: a JWT, or GitHub's JSON response (`{ "value": "…" }`). The signature is not
 * verified. @throws CrcError that never shows the content.
 */
export function claimsOfToken(content: string, file: string): TokenClaims {
  const name = file === '-' ? 'stdin' : file;
  const wrong = (why: string) =>
    new CrcError(content.trim() === '' ? `${name} is empty.` : `${name} is not a GitHub token: ${why}.`, {
      hint: 'In a job with "id-token: write", get one with: curl -sH "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sts.amazonaws.com" > token.json',
    });
  const parts = jwtOf(content).split('.');
  if (parts.length !== 3) throw wrong('a JWT has three parts separated by dots');
  const claims = parsedJson(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'));
  if (!isObject(claims)) throw wrong('its second part is not base64-encoded JSON');
  const texts = new Map(
    Object.entries(claims).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [],
    ),
  );
  const subject = texts.get('sub');
  const audience = Array.isArray(claims.aud) ? String(claims.aud[0]) : texts.get('aud');
  if (subject === undefined || audience === undefined) throw wrong('sub or aud is missing');
  return { subject, audience, claims: texts, expires: typeof claims.exp === 'number' ? claims.exp : undefined };
}

function jwtOf(content: string): string {
  const text = content.trim();
  const answer = parsedJson(text);
  return isObject(answer) && typeof answer.value === 'string' ? answer.value : text;
}
