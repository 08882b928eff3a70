import { ListTagsForResourceCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ListTagsOfResourceCommand } from '@aws-sdk/client-dynamodb';
import { GetRoleCommand } from '@aws-sdk/client-iam';
import { ListTagsCommand } from '@aws-sdk/client-lambda';
import { REGION } from './context.ts';
import { clientsWith } from './sdk-clients.ts';

interface SdkTag {
  readonly Key: string | undefined;
  readonly Value: string | undefined;
}

/** The emulator's tags of a resource as condition keys, `aws:ResourceTag/KEY`. Empty if the resource does not exist. */
export async function tagsOfArn(endpoint: string, arn: string): Promise<Record<string, string>> {
  const clients = clientsWith({
    region: arn.split(':')[3] || REGION,
    endpoint,
    credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
  });
  const { iam, lambda, dynamodb, logs } = clients;
  const fromList = (list: readonly SdkTag[] = []): Record<string, string> =>
    Object.fromEntries(list.map(({ Key = '', Value = '' }) => [Key, Value]));
  const readers: Readonly<Record<string, () => Promise<Record<string, string>>>> = {
    iam: async () => {
      const name = /:role\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1];
      if (name === undefined) return {};
      return fromList((await iam.send(new GetRoleCommand({ RoleName: name }))).Role?.Tags);
    },
    lambda: async () =>
      (await lambda.send(new ListTagsCommand({ Resource: arn.split(':').slice(0, 7).join(':') }))).Tags ?? {},
    dynamodb: async () => fromList((await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: arn }))).Tags),
    logs: async () => (await logs.send(new ListTagsForResourceCommand({ resourceArn: arn }))).tags ?? {},
  };
  const reading: Promise<Record<string, string>> = readers[arn.split(':')[2] ?? '']?.() ?? Promise.resolve({});
  const tags = await reading.catch((): Record<string, string> => ({}));
  for (const client of [iam, lambda, dynamodb, logs]) client.destroy();
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]));
}
