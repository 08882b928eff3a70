import { ListTagsCommand } from '@aws-sdk/client-lambda';
import { functionArn, logGroupArn, logGroupName } from '../../aws/arns.ts';
import { orAbsent } from '../../aws/error-names.ts';
import { deleteLogGroup, describeLogGroup, listTags, NO_SUCH_GROUP, protectedText } from '../log-group.ts';
import type { CreateOrphan } from '../orphans/kind.ts';
import { orphan, warningText } from '../orphans/orphan.ts';
import { deleteFunction, functionCalls } from './calls.ts';
import { NO_SUCH_FUNCTION } from './errors.ts';

/** A function, deleted with its versions before its role and its logs. */
export const orphanFunction: CreateOrphan = ({ id, name }, _, context) => {
  const { lambda } = context.clients;
  const arn = functionArn(context.place, name);
  const calls = functionCalls(name, lambda, context.signal);
  return orphan<null>(
    {
      id,
      type: 'AWS::Lambda::Function',
      name,
      needs: [`execution-role/${name}`, `log-group/${name}`],
      async read() {
        // The narrowest call that shows the owner: GetFunction would also return its code.
        const call = lambda.send(new ListTagsCommand({ Resource: arn }));
        const live = await orAbsent(call, NO_SUCH_FUNCTION, undefined);
        return live === undefined ? undefined : { tags: live.Tags ?? {}, warning: warningText(), details: null };
      },
      removal: async () => ({
        notes: ['its versions, its alias and its URL will be deleted with it'],
        remove: () => deleteFunction(name, lambda, calls),
      }),
    },
    context,
  );
};

/** The log group of a function that is not in the config. */
export const orphanLogGroup: CreateOrphan = ({ id, name: functionName }, _, context) => {
  const { logs } = context.clients;
  const name = logGroupName(functionName);
  const arn = logGroupArn(context.place, name);
  return orphan<null>(
    {
      id,
      type: 'AWS::Logs::LogGroup',
      name,
      async read() {
        const tags = await orAbsent(listTags(logs, arn), NO_SUCH_GROUP, undefined);
        return tags === undefined ? undefined : { tags, warning: warningText(), details: null };
      },
      async removal() {
        const live = await describeLogGroup(logs, name);
        return {
          blocked: live?.deletionProtectionEnabled ? protectedText(name, context.place.region) : undefined,
          notes: ['its logs will be deleted with it'],
          remove: () => deleteLogGroup(logs, name),
        };
      },
    },
    context,
  );
};
