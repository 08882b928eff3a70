import { PLACEHOLDER, subject } from '../config/subjects.ts';
import { hasWildcard } from '../policies/glob.ts';
import { beginsWithClaim, parseSubject } from './subject.ts';

/**
 * Why GitHub never sends a subject, and what was probably meant; undefined for a subject that it can send
 * (https://docs.github.com/en/actions/reference/security/oidc).
 */
export function neverSent(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed !== text)
    return `it has a space at its ${text.startsWith(' ') ? 'start' : 'end'}; write ${JSON.stringify(trimmed)}`;
  if (/\$\{/.test(text) || PLACEHOLDER.test(text)) return 'a placeholder in it was never replaced';
  if (/^repo:[^:*?]+$/.test(text))
    return `nothing follows the repository; write ${JSON.stringify(`${text}:*`)} for any job in it`;
  if (/^[\w.-]+\/[\w.-]+(:|$)/.test(text))
    return `"repo:" is missing at its start; write ${JSON.stringify(`repo:${text}`)}`;
  const [first = ''] = text.split(':');
  const isNamed = !hasWildcard(first) || /^[^*?]*\//.test(first);
  if (isNamed && !beginsWithClaim(text)) return 'a subject begins with "repo:OWNER/NAME:"';
  const context = parseSubject(text)?.context;
  const problem = context === undefined ? undefined : subject(context);
  return problem === undefined ? undefined : `${JSON.stringify(context)} ${problem}`;
}
