import {
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand,
  type LogGroup,
  PutRetentionPolicyCommand,
  TagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { grant } from '../aws/actions.ts';
import { logGroupArn } from '../aws/arns.ts';
import type { Clients } from '../aws/clients.ts';
import { isNamed, orAbsent } from '../aws/error-names.ts';
import { pagesOf, tokenOf } from '../aws/pages.ts';
import { readTogether } from '../aws/read-together.ts';
import { type Resource, resource } from '../engine/resource.ts';
import type { LeftOut } from '../engine/terraform.ts';
import type { Actions, Spec } from '../engine/types.ts';
import type { Context } from './context.ts';
import { ownershipOf, type Tags } from './tags.ts';
import { untilVisible } from './visibility.ts';

export interface LogGroupInput {
  /** `log-group/FUNCTION` */
  readonly id: string;
  readonly name: string;
  /** Undefined: not managed. A new group then keeps its logs forever. */
  readonly retentionDays: number | undefined;
  readonly terraform: LeftOut;
  /** The permissions on it for `crc deploy-function`. */
  readonly deploy: Actions['deploy'];
}

interface Details {
  readonly deletionProtection: boolean;
}

type LogGroupFacts = {
  readonly tags: Tags;
  /** Null: not managed, or forever. */
  readonly retentionDays: number | null;
};

export const NO_SUCH_GROUP = ['ResourceNotFoundException'];

/** A CloudWatch log group. Logs are data: crc never shortens the retention of a group that it does not own. */
export function logGroup({ id, name, retentionDays, terraform, deploy }: LogGroupInput, context: Context): Resource {
  const { clients, place, tags, signal } = context;
  const { logs } = clients;
  const arn = logGroupArn(place, name);
  const whenVisible = <T>(call: () => Promise<T>) => untilVisible(NO_SUCH_GROUP, signal, call);

  const spec: Spec<LogGroupFacts, Details> = {
    id,
    type: 'AWS::Logs::LogGroup',
    name,
    want: { tags, retentionDays: retentionDays ?? null },
    brief: {
      retentionDays: (days) =>
        days === null ? 'logs kept forever' : `logs kept for ${days === 1 ? '1 day' : `${days} days`}`,
    },
    read: () => whenVisible(read),
    async create() {
      try {
        await logs.send(new CreateLogGroupCommand({ logGroupName: name, tags }));
      } catch (error) {
        if (isNamed(error, ['ResourceAlreadyExistsException'])) return undefined;
        throw error;
      }
      return { facts: { tags, retentionDays: null }, details: { deletionProtection: false } };
    },
    set: {
      tags: async (want) => {
        await whenVisible(() => logs.send(new TagResourceCommand({ resourceArn: arn, tags: want })));
      },
      retentionDays: {
        set: async (want) => {
          if (want === null) return;
          await whenVisible(() =>
            logs.send(new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays: want })),
          );
        },
        refuse: (live, want, { foreign }) =>
          foreign === undefined ? undefined : refuseShorter({ name, region: place.region }, live, want),
      },
    },
    removal: async ({ foreign, details: { deletionProtection } }) => ({
      blocked: foreign === undefined && deletionProtection ? protectedText(name, place.region) : undefined,
      notes: ['its logs will be deleted with it'],
      remove: () => deleteLogGroup(logs, name),
    }),
    address: 'none',
    terraform,
    actions: {
      deploy,
      remove: [grant('logs', ['DeleteLogGroup'], arn, `${arn}:*`)],
      // DescribeLogGroups takes a prefix, and its permission cannot be limited to one group.
      read: [grant('logs', ['DescribeLogGroups'], '*'), grant('logs', ['ListTagsForResource'], arn, `${arn}:*`)],
      write: [grant('logs', ['CreateLogGroup', 'PutRetentionPolicy', 'TagResource'], arn, `${arn}:*`)],
    },
  };

  async function read() {
    const live = await readTogether(describeLogGroup(logs, name), [listTags(logs, arn)]);
    if (live === undefined) return undefined;
    const [group, liveTags] = live;
    const { own, foreign } = ownershipOf(liveTags, tags);
    return {
      facts: {
        tags: own,
        retentionDays: retentionDays === undefined ? null : (group.retentionInDays ?? null),
      },
      foreign,
      details: { deletionProtection: group.deletionProtectionEnabled ?? false },
    };
  }

  return resource(spec);
}

/** Searched by prefix, which can match other groups too. */
export async function describeLogGroup(logs: Clients['logs'], name: string): Promise<LogGroup | undefined> {
  const pages = pagesOf(
    (nextToken?: string) => logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name, nextToken })),
    ({ nextToken }) => tokenOf(nextToken),
  );
  for await (const page of pages) {
    const group = page.logGroups?.find(({ logGroupName }) => logGroupName === name);
    if (group !== undefined) return group;
  }
  return undefined;
}

export async function listTags(logs: Clients['logs'], resourceArn: string): Promise<Tags> {
  const { tags } = await logs.send(new ListTagsForResourceCommand({ resourceArn }));
  return tags ?? {};
}

/** Deletes a log group; not an error if it no longer exists. */
export async function deleteLogGroup(logs: Clients['logs'], name: string): Promise<void> {
  await orAbsent(logs.send(new DeleteLogGroupCommand({ logGroupName: name })), NO_SUCH_GROUP, undefined);
}

/** crc never enables deletion protection, so another user wants to keep these logs. */
export function protectedText(name: string, region: string): string {
  return `deletion protection is enabled. If you no longer need the logs, disable it: \`aws logs put-log-group-deletion-protection --region ${region} --log-group-identifier ${name} --no-deletion-protection-enabled\``;
}

/** A shorter retention deletes logs, which belong to another owner here. */
function refuseShorter(
  { name, region }: { readonly name: string; readonly region: string },
  live: number | null,
  want: number | null,
): string | undefined {
  if (want === null || (live !== null && live <= want)) return undefined;
  return `this log group is not managed by crc for this project, and a retention of ${want} days would permanently delete older logs; ${live === null ? 'remove logRetentionDays from the config' : `set "logRetentionDays": ${live} in the config`}, or shorten it yourself: \`aws logs put-retention-policy --region ${region} --log-group-name ${name} --retention-in-days ${want}\``;
}
