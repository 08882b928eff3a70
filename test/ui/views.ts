import type { Change, Finding, Status } from '../../src/engine/types.ts';
import type { ResourceView, RunView } from '../../src/ui/view.ts';

export const RUN: RunView = {
  command: 'bootstrap',
  accountId: '123456789012',
  region: 'eu-west-2',
  apiCalls: { read: 13, write: 1 },
  durationMs: 1_234,
};

/** What was found about one resource, with everything that does not matter filled in. */
export function view(
  id: string,
  status: Status,
  changes: readonly Change[] = [],
  rest: Partial<Omit<ResourceView, 'finding'>> = {},
): ResourceView {
  const finding: Finding = { id, type: 'AWS::S3::Bucket', name: `${id}-name`, status, changes };
  return { finding, want: [], notes: [], irreversible: [], ...rest };
}

export const TRUST = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: 'arn:provider' },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringLike: { 'token:sub': ['repo:o/r:pull_request', 'repo:o/r:ref:refs/tags/v*'] } },
    },
  ],
};

/** Somebody let every repository in. */
export const OPEN_TRUST = {
  Version: '2012-10-17',
  Statement: [
    { ...TRUST.Statement[0], Condition: { StringLike: { 'token:sub': ['repo:*', 'repo:o/r:pull_request'] } } },
  ],
};
