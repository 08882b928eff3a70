import type { Check } from './names.ts';

/** `owner/name` by GitHub's rules; `_` stands in the names of enterprise-managed users only. */
export const repository: Check = (name) => {
  const cleaned = name
    .replace(/^(repo:|https:\/\/github\.com\/|git@github\.com:)/, '')
    .replace(/\.git$/, '')
    .replace(/\/+$/, '');
  const right = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38})\/[A-Za-z0-9._-]{1,100}$/;
  if (/[*?]|\$\{/.test(name)) {
    return 'must name one repository: with *, ? or ${ in it, repositories of strangers could assume the role; write "owner/name"';
  }
  if (right.test(name) && cleaned === name) return undefined;
  return right.test(cleaned)
    ? `is "owner/name" and nothing else; write "${cleaned}"`
    : 'is not a GitHub repository; write "owner/name"';
};

/** What follows `repo:OWNER/NAME:` in the token's `sub`; https://docs.github.com/en/actions/reference/security/oidc */
export const subject: Check = (text) => {
  if (text === '') return 'is empty; write "ref:refs/heads/main", "environment:NAME", "pull_request" or "*"';
  if (text.startsWith('repo:')) {
    return 'must not start with "repo:": crc puts the repository in front, so that no other can get in; write what follows it, like "ref:refs/heads/main"';
  }
  if (/\$\{/.test(text)) return 'must not have "${", which IAM takes for a variable; write the value itself';
  if (/[\s\p{Cc}]/u.test(text)) return 'must not have spaces or control characters';
  if (text.startsWith('refs/')) return `has its kind missing; write "ref:${text}"`;
  if (text.startsWith('branch:'))
    return `is not what GitHub sends; write "ref:refs/heads/${text.slice('branch:'.length)}"`;
  if (text.startsWith('tag:')) return `is not what GitHub sends; write "ref:refs/tags/${text.slice('tag:'.length)}"`;
  if (text.startsWith('pull_request:')) {
    return 'is not what GitHub sends: the subject of a pull request names no branch; write "pull_request"';
  }
  if (text !== '*' && text !== 'pull_request' && !text.includes(':')) {
    return `is not a subject; write "ref:refs/heads/${text}" for the branch, or "environment:${text}" for the environment`;
  }
  return undefined;
};

/** A key of a state object in the bucket, and so a part of ARNs and of lock items. */
export const stateKey: Check = (key) => {
  if (key === '') return 'is empty; write one like "my-project/terraform.tfstate"';
  if (key.startsWith('/')) return `must not start with a slash; write "${key.replace(/^\/+/, '')}"`;
  if (key.endsWith('/')) return `must not end with a slash; write "${key}terraform.tfstate"`;
  if (key.includes('//')) return `must not have two slashes in a row; write "${key.replace(/\/{2,}/g, '/')}"`;
  if (/[*?]|\$\{/.test(key))
    return 'must not have *, ? or ${: IAM would take them for other keys too; write the key itself';
  if (/\p{Cc}/u.test(key)) return 'must not have control characters';
  if (key.startsWith('env:/')) return 'must not start with "env:/", where Terraform keeps the states of workspaces';
  if (key.endsWith('.tflock')) return 'must not end with ".tflock", which is the lock file of a state';
  const bytes = new TextEncoder().encode(key).length;
  return bytes > 1_000
    ? `is ${bytes} bytes long; at most 1000, so that S3 has room for the lock file's name`
    : undefined;
};
