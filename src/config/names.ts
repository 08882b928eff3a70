import { regionProblem } from '../aws/regions.ts';
import { hiddenCharacter } from './characters.ts';

/**
 * Names and ARNs by AWS's own rules. Each check returns what is wrong and what to write instead, or undefined when the
 * value is right.
 */
export type Check = (value: string) => string | undefined;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export const bucketName: Check = (name) => {
  if (name.length < 3 || name.length > 63) return `is ${name.length} characters long; a bucket name has 3 to 63`;
  if (/[A-Z]/.test(name)) return `must not have capital letters; write "${name.toLowerCase()}"`;
  if (!/^[a-z0-9.-]+$/.test(name)) return 'may only have small letters, digits, dots and hyphens';
  if (!/^[a-z0-9]/.test(name) || !/[a-z0-9]$/.test(name)) return 'must start and end with a small letter or a digit';
  if (name.includes('..')) return 'must not have two dots in a row';
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return 'must not look like an IP address; put a word in front';
  const prefix = ['xn--', 'sthree-', 'amzn-s3-demo-'].find((one) => name.startsWith(one));
  if (prefix !== undefined) return `must not start with "${prefix}", which S3 keeps for itself`;
  const suffix = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3'].find((one) => name.endsWith(one));
  if (suffix !== undefined) return `must not end with "${suffix}", which S3 keeps for itself`;
  return undefined;
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
export const tableName: Check = (name) => {
  if (name.length < 3 || name.length > 255) return `is ${name.length} characters long; a table name has 3 to 255`;
  if (!/^[\w.-]+$/.test(name)) return 'may only have letters, digits, underscores, hyphens and dots';
  return undefined;
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const roleName: Check = (name) => iamName(name, 64, 'a role name');

export const policyName: Check = (name) => iamName(name, 128, 'a policy name');

function iamName(name: string, most: number, what: string): string | undefined {
  if (name.length < 1 || name.length > most) return `is ${name.length} characters long; ${what} has 1 to ${most}`;
  if (!/^[\w+=,.@-]+$/.test(name)) return 'may only have letters, digits and _+=,.@-';
  return undefined;
}

/** 64 characters by Lambda's rules, less `-execution`, with which the role of the function is named. */
export const functionName: Check = (name) => {
  if (name.length < 1 || name.length > 54) {
    return `is ${name.length} characters long; at most 54, since its role is named ${name.slice(0, 12)}…-execution and a role name has 64`;
  }
  if (!/^[\w-]+$/.test(name)) return 'may only have letters, digits, hyphens and underscores';
  return undefined;
};

export const region: Check = regionProblem;

export const accountId: Check = (id) =>
  /^\d{12}$/.test(id) ? undefined : 'must be the 12 digits of an AWS account; write one like "123456789012"';

const policyArnForm = /^arn:(aws[\w-]*):iam::(aws|\d{12}):policy\/[\w+=,.@/-]+$/;

export const policyArn: Check = (arn) =>
  policyArnForm.test(arn)
    ? undefined
    : 'is not the ARN of a policy; write one like "arn:aws:iam::aws:policy/ReadOnlyAccess"';

/** S3 takes ids and aliases too, but an alias can be moved to another key, and a policy needs the key itself. */
export const keyArn: Check = (arn) => {
  if (/^arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/.test(arn)) return undefined;
  const what = arn.includes('alias/') ? 'is an alias' : 'is not a full key ARN';
  return `${what}; write the ARN of the key itself, like "arn:aws:kms:eu-west-2:123456789012:key/1234abcd-…" (\`aws kms describe-key\` shows it)`;
};

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html#id_tags_naming_best_practices */
const tagCharacters = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

export const tagKey: Check = (key) => {
  if (key.length < 1 || key.length > 128) return `has a key of ${key.length} characters; 1 to 128 are allowed`;
  if (/^aws:/i.test(key)) return 'starts with "aws:", which AWS keeps for itself; choose another key';
  if (/^crc:/i.test(key)) return 'starts with "crc:", which crc keeps for its own tags; choose another key';
  if (key.toLowerCase() === 'managedby') return 'is the tag by which crc knows what it made; leave it out';
  return tagCharacters.test(key) ? undefined : 'may only have letters, digits, spaces and _.:/=+-@ in its key';
};

export const tagValue: Check = (value) => {
  if (value.length > 256) return `is ${value.length} characters long; a tag value has at most 256`;
  return tagCharacters.test(value) ? undefined : 'may only have letters, digits, spaces and _.:/=+-@';
};

/** What every service takes as the value of a tag, without what reads badly in a name: spaces and _:/=+@. */
export const projectName: Check = (name) => {
  if (name.length < 1 || name.length > 128) return `is ${name.length} characters long; a project name has 1 to 128`;
  return /^[A-Za-z0-9][\w.-]*$/.test(name)
    ? undefined
    : 'must start with a letter or a digit, and may only have letters, digits, dots, underscores and hyphens; write one like "resume"';
};

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html */
export const providerUrl: Check = (url) => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || url.length > 255)
    return 'is not a URL; write "https://token.actions.githubusercontent.com"';
  const hidden = hiddenCharacter(url);
  if (hidden !== undefined) return hidden;
  const right = `https://${parsed.hostname}${parsed.pathname.replace(/\/+$/, '')}`;
  if (url === right) return undefined;
  // IAM takes each spelling for another provider, and a role that trusts one is closed to tokens of the other.
  return `must be https, in small letters, with no port, query or slash at the end; write "${right}"`;
};

/** What a token says it is for. IAM compares it as text, and a wildcard would take in tokens that are meant for others. */
export const audience: Check = (text) => {
  if (text === '') return 'is empty; write "sts.amazonaws.com"';
  if (text.length > 255) return 'is too long; an audience has at most 255 characters';
  if (/[*?]|\$\{/.test(text)) {
    return 'must not have *, ? or ${: tokens that GitHub made for other services would be accepted; write "sts.amazonaws.com"';
  }
  if (/\s/.test(text)) return `must not have spaces; write "${text.replaceAll(/\s/g, '') || 'sts.amazonaws.com'}"`;
  return hiddenCharacter(text);
};

export const thumbprint: Check = (text) =>
  /^[0-9a-fA-F]{40}$/.test(text) ? undefined : 'must be 40 hexadecimal digits, the SHA-1 of a certificate';
