import { awsError, type Handlers } from './fake-aws.ts';

export interface FakeLogGroup {
  retention?: number;
  tags: Record<string, string>;
  deletionProtection?: boolean;
}

export interface FakeLogs {
  readonly groups: Map<string, FakeLogGroup>;
  readonly handlers: Handlers;
}

/** A fake of the CloudWatch Logs operations that crc uses, with pages of one group. */
export function fakeLogs(): FakeLogs {
  const groups = new Map<string, FakeLogGroup>();
  const at = (name: string): FakeLogGroup => {
    const group = groups.get(name);
    if (group === undefined) throw awsError('ResourceNotFoundException');
    return group;
  };
  /** Tag operations use the ARN without the trailing `:*` that DescribeLogGroups returns. */
  const byArn = (arn: string) => at(arn.replace(/^.*:log-group:/, ''));
  const handlers: Handlers = {
    DescribeLogGroups: ({ logGroupNamePrefix, nextToken }) => {
      // The exact match comes last, so that callers that only read the first page fail.
      const names = [...groups.keys()]
        .filter((name) => name.startsWith(logGroupNamePrefix))
        .sort()
        .reverse();
      const index = Number(nextToken ?? 0);
      return {
        logGroups: names.slice(index, index + 1).map((logGroupName) => {
          const { retention, deletionProtection } = at(logGroupName);
          return {
            logGroupName,
            retentionInDays: retention,
            deletionProtectionEnabled: deletionProtection,
          };
        }),
        ...(index + 1 < names.length ? { nextToken: String(index + 1) } : {}),
      };
    },
    ListTagsForResource: ({ resourceArn }) => ({ tags: byArn(resourceArn).tags }),
    CreateLogGroup: ({ logGroupName, tags }) => {
      if (groups.has(logGroupName)) throw awsError('ResourceAlreadyExistsException');
      groups.set(logGroupName, { tags: tags ?? {} });
      return {};
    },
    DeleteLogGroup: ({ logGroupName }) => {
      if (at(logGroupName).deletionProtection) throw awsError('ValidationException');
      groups.delete(logGroupName);
      return {};
    },
    PutRetentionPolicy: ({ logGroupName, retentionInDays }) => {
      at(logGroupName).retention = retentionInDays;
      return {};
    },
    TagResource: ({ resourceArn, tags }) => {
      Object.assign(byArn(resourceArn).tags, tags);
      return {};
    },
  };
  return { groups, handlers };
}
