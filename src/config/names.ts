import { regionProblem } from '../aws/regions.ts';
import { DEFAULT_AUDIENCE } from '../policies/trust.ts';
import { hiddenCharacter } from './characters.ts';

/**
 * Validates names and ARNs by AWS's rules. Returns the problem and what to write instead, or undefined if the value is
 * valid.
 */
export type Check = (value: string) => string | undefined;

/** The problem and what to write instead. The advice is validated too, so that it is not rejected in turn. */
export function withAdvice(problem: string, advice: string, check: Check): string {
  return check(advice) === undefined ? `${problem}; write ${JSON.stringify(advice)}` : problem;
}

/** `must be at least 3 characters (a bucket name has 3 to 63)`; undefined if the length is valid. */
function lengthProblem(text: string, least: number, most: number, what: string): string | undefined {
  if (text.length >= least && text.length <= most) return undefined;
  if (text === '') return `must not be empty (${what} has ${least} to ${most} characters)`;
  const limit = text.length < least ? `at least ${least}` : `at most ${most}`;
  return `must be ${limit} characters (${what} has ${least} to ${most})`;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export const bucketName: Check = (name) => {
  const problem = bucketProblem(name);
  if (problem === undefined) return undefined;
  const advice = asBucketName(name);
  // Whether such a name is valid depends on the account and region, which are unknown at this point.
  return advice.endsWith('-an') ? problem : withAdvice(problem, advice, bucketProblem);
};

const bucketProblem: Check = (name) => {
  const length = lengthProblem(name, 3, 63, 'a bucket name');
  if (length !== undefined) return length;
  if (/[A-Z]/.test(name)) return 'must not have uppercase letters';
  if (!/^[a-z0-9.-]+$/.test(name)) return 'may only contain lowercase letters, digits, dots and hyphens';
  if (!/^[a-z0-9]/.test(name) || !/[a-z0-9]$/.test(name))
    return 'must start and end with a lowercase letter or a digit';
  if (name.includes('..')) return 'must not have two dots in a row';
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return 'must not look like an IP address';
  const prefix = ['xn--', 'sthree-', 'amzn-s3-demo-'].find((reserved) => name.startsWith(reserved));
  if (prefix !== undefined) return `must not start with "${prefix}", which S3 reserves`;
  const suffix = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3'].find((reserved) => name.endsWith(reserved));
  if (suffix !== undefined) return `must not end with "${suffix}", which S3 reserves`;
  return undefined;
};

/** The closest bucket name to a text; not always valid. */
function asBucketName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^(xn--|sthree-|amzn-s3-demo-)+/, '')
    .replace(/(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)+$/, '')
    .replace(/^[.-]+|[.-]+$/g, '')
    .replace(/^(\d+)\.(\d+)\.(\d+)\.(\d+)$/, 'bucket-$1-$2-$3-$4');
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
export const tableName: Check = (name) => {
  const length = lengthProblem(name, 3, 255, 'a table name');
  if (length !== undefined) return length;
  if (/^[\w.-]+$/.test(name)) return undefined;
  return withAdvice(
    'may only contain letters, digits, underscores, hyphens and dots',
    name.replace(/[^\w.-]+/g, '-'),
    tableName,
  );
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const roleName: Check = (name) => iamName(name, 64, 'a role name');

/**
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html, without `*`, `?` and `$`, which have a
 * meaning in ARNs.
 */
export const rolePath: Check = (path) => {
  if (path.length > 512) return 'must be at most 512 characters';
  const reserved = ['/aws-service-role/', '/aws-reserved/'].find((start) => path.startsWith(start));
  if (reserved !== undefined) {
    return withAdvice(
      `must not start with "${reserved}", which AWS reserves`,
      path.slice(reserved.length - 1),
      rolePath,
    );
  }
  if (/^\/(?:[\w+=,.@-]+\/)*$/.test(path)) return undefined;
  const folders = path
    .replace(/[^\w+=,.@/-]+/g, '-')
    .split('/')
    .filter(Boolean);
  return withAdvice(
    'must start and end with a slash, and have letters, digits and _+=,.@- between slashes',
    `/${folders.map((folder) => `${folder}/`).join('')}`,
    rolePath,
  );
};

export const policyName: Check = (name) => iamName(name, 128, 'a policy name');

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html; empty means none. */
export const roleDescription: Check = (description) => {
  if (description.length > 1_000) return 'must be at most 1000 characters';
  return /^[\t\n\r\x20-\x7e\xa1-\xff]*$/.test(description)
    ? undefined
    : 'may only contain characters that IAM accepts: Latin-1 (U+0020 to U+00FF)';
};

function iamName(name: string, most: number, what: string): string | undefined {
  const length = lengthProblem(name, 1, most, what);
  if (length !== undefined) return length;
  if (/^[\w+=,.@-]+$/.test(name)) return undefined;
  const advice = name.replace(/[^\w+=,.@-]+/g, '-');
  return withAdvice('may only contain letters, digits and _+=,.@-', advice, (given) => iamName(given, most, what));
}

/** Lambda's limit of 64 characters, minus `-execution`, which is appended for the function's role. */
export const functionName: Check = (name) => {
  const length = lengthProblem(name, 1, 54, 'a function name');
  if (length !== undefined)
    return `${length}${name === '' ? '' : ': its role is named NAME-execution, and a role name has at most 64'}`;
  if (/^[\w-]+$/.test(name)) return undefined;
  return withAdvice(
    'may only contain letters, digits, hyphens and underscores',
    name.replace(/[^\w-]+/g, '-'),
    functionName,
  );
};

export const region: Check = regionProblem;

export const accountId: Check = (id) => {
  if (/^\d{12}$/.test(id)) return undefined;
  const advice = id.replace(/[\s-]/g, '');
  const problem = 'must be the 12 digits of an AWS account';
  return /^\d{12}$/.test(advice) ? `${problem}; write "${advice}"` : `${problem}, for example "123456789012"`;
};

const policyArnForm = /^arn:(aws[\w-]*):iam::(aws|\d{12}):policy\/[\w+=,.@/-]+$/;

export const policyArn: Check = (arn) =>
  policyArnForm.test(arn)
    ? undefined
    : 'must be the ARN of a policy, for example "arn:aws:iam::aws:policy/ReadOnlyAccess"';

export const roleArn: Check = (arn) =>
  /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(arn)
    ? undefined
    : 'must be the ARN of a role, for example "arn:aws:iam::123456789012:role/my-function"';

/** `alias/NAME`, or the ARN of one: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html */
const keyAlias = /^(arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:)?alias\/[\w/-]{1,250}$/;

/** An alias must be resolved first, since a policy needs the key itself. S3 also accepts ids, which are less clear. */
export const keyArn: Check = (arn) => {
  if (/^arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/.test(arn)) return undefined;
  if (/(^|:)alias\/aws\//.test(arn)) return "is AWS's own key; leave keyArn out";
  if (keyAlias.test(arn)) return undefined;
  return 'is neither an alias nor a full key ARN; write "alias/NAME", or the ARN that `aws kms describe-key` shows, for example "arn:aws:kms:eu-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"';
};

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html#id_tags_naming_best_practices */
const tagCharacters = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

export const tagKey: Check = (key) => {
  const length = lengthProblem(key, 1, 128, 'a tag key');
  if (length !== undefined) return length;
  if (/^aws:/i.test(key)) return 'starts with "aws:", which AWS reserves; choose another key';
  if (/^crc:/i.test(key)) return 'starts with "crc:", which crc reserves for its own tags; choose another key';
  if (key.toLowerCase() === 'managedby') return 'is the tag by which crc recognizes what it created; leave it out';
  return tagCharacters.test(key) ? undefined : 'may only contain letters, digits, spaces and _.:/=+-@ in its key';
};

export const tagValue: Check = (value) => {
  if (value.length > 256) return 'must be at most 256 characters';
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules
  if (/^aws:/i.test(value)) return 'starts with "aws:", which AWS reserves; choose another value';
  return tagCharacters.test(value) ? undefined : 'may only contain letters, digits, spaces and _.:/=+-@';
};

/** Characters that every service accepts as a tag value, without those that read badly in a name: spaces and _:/=+@. */
export const projectName: Check = (name) => {
  const length = lengthProblem(name, 1, 128, 'a project name');
  if (length !== undefined) return length;
  if (/^[A-Za-z0-9][\w.-]*$/.test(name)) return undefined;
  const problem =
    'must start with a letter or a digit, and may only contain letters, digits, dots, underscores and hyphens';
  return withAdvice(problem, name.replace(/[^\w.-]+/g, '-').replace(/^[._-]+|[._-]+$/g, ''), projectName);
};

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html */
export const providerUrl: Check = (url) => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || url.length > 255)
    return 'must be a URL; write "https://token.actions.githubusercontent.com"';
  const hidden = hiddenCharacter(url);
  if (hidden !== undefined) return hidden;
  const right = `https://${parsed.hostname}${parsed.pathname.replace(/\/+$/, '')}`;
  if (url === right) return undefined;
  // IAM treats each spelling as a separate provider, and a role that trusts one rejects tokens of the other.
  return withAdvice('must be https and lowercase, with no port, no query and no slash at the end', right, providerUrl);
};

/**
 * The intended recipient of a token. IAM compares it literally, and a wildcard would accept tokens meant for others.
 */
export const audience: Check = (text) => {
  if (text === '') return 'must not be empty; write "sts.amazonaws.com"';
  if (text.length > 255) return 'must be at most 255 characters';
  if (/[*?]|\$\{/.test(text)) {
    return 'must not have *, ? or ${: tokens that GitHub issued for other services would be accepted; write "sts.amazonaws.com"';
  }
  if (/\s/.test(text))
    return withAdvice('must not have spaces', text.replaceAll(/\s/g, '') || DEFAULT_AUDIENCE, audience);
  return hiddenCharacter(text);
};

export const thumbprint: Check = (text) => {
  const isRight = (thumbprint: string) => /^[0-9a-fA-F]{40}$/.test(thumbprint);
  if (isRight(text)) return undefined;
  const problem = 'must be 40 hexadecimal digits, the SHA-1 of a certificate';
  // As shown by browsers.
  const advice = text.replace(/[:\s]/g, '').toLowerCase();
  return isRight(advice) ? `${problem}; write "${advice}"` : problem;
};
