import type { GetFunctionCommandOutput } from '@aws-sdk/client-lambda';
import { ACCESS_DENIED } from '../../aws/error-names.ts';
import { CrcError } from '../../errors.ts';
import type { Tags } from '../tags.ts';

type Tagged = Pick<GetFunctionCommandOutput, 'Tags' | 'TagsError'>;

/**
 * The tags of a function from GetFunction; empty if it has none. Without `lambda:ListTags`, GetFunction returns 200
 * with a `TagsError` instead (since July 2024), which must not be taken for "no tags". @throws CrcError if the tags
 * were not returned.
 */
export function tagsOf({ Tags, TagsError }: Tagged, functionArn: string): Tags {
  if (TagsError === undefined) return Tags ?? {};
  const why = 'Without the tags, crc cannot tell whether it manages the function.';
  if (isDenied(TagsError.ErrorCode)) {
    throw new CrcError(`Access denied: lambda:ListTags on ${functionArn}.`, {
      hint: `Allow lambda:ListTags on ${functionArn} for these credentials, or use others (--profile): lambda:GetFunction hides tags without it. ${why}`,
    });
  }
  const { ErrorCode = 'unknown error', Message = 'AWS gave no reason.' } = TagsError;
  throw new CrcError(`The tags of ${functionArn} could not be read: ${ErrorCode}: ${Message}`, {
    hint: `${why} Run the command again in a minute.`,
  });
}

/** The tags were not returned this time, but may be on a retry. */
export function tagsMayFollow({ TagsError }: Tagged): boolean {
  return TagsError !== undefined && !isDenied(TagsError.ErrorCode);
}

function isDenied(code: string | undefined): boolean {
  return code !== undefined && ACCESS_DENIED.includes(code);
}
