import {
  ARNS,
  type CallAnswers,
  COMPOSED,
  CREATES,
  deniedMessage,
  jsonError,
  never,
  READS,
  type RecordedAnswer,
} from './answer.ts';

const SNAPSHOT = 'LocalStack, AWS-validated snapshots of tests/aws/services/logs (8b9a79f)';
const MODEL = `name: the model of CloudWatch Logs in the SDK${COMPOSED}`;

const noGroup = jsonError('ResourceNotFoundException', 'The specified log group does not exist.', SNAPSHOT);
const aborted = jsonError(
  'OperationAbortedException',
  'A conflicting operation is currently in progress against this resource. Please try again.',
  `that it comes: aws/aws-cdk#15709, #17546${COMPOSED}`,
);

function call(
  operation: string,
  answers: Pick<CallAnswers, 'busy'> & Partial<CallAnswers>,
  more: Readonly<Record<string, RecordedAnswer>> = {},
): CallAnswers {
  return {
    absent: noGroup,
    denied: jsonError('AccessDeniedException', deniedMessage('logs', operation, `${ARNS.logGroup}:log-stream:`), MODEL),
    throttled: jsonError('ThrottlingException', 'Rate exceeded', MODEL),
    ...answers,
    ...more,
  } as CallAnswers;
}

/** Answers of CloudWatch Logs. */
export const LOGS: Readonly<Record<string, CallAnswers>> = {
  DescribeLogGroups: call('DescribeLogGroups', { busy: READS, absent: never('the list is empty') }),
  ListTagsForResource: call('ListTagsForResource', { busy: READS }),
  CreateLogGroup: call(
    'CreateLogGroup',
    { busy: aborted, absent: CREATES },
    {
      exists: jsonError('ResourceAlreadyExistsException', 'The specified log group already exists', SNAPSHOT),
      'too-many': jsonError('LimitExceededException', 'Resource limit exceeded.', SNAPSHOT),
    },
  ),
  PutRetentionPolicy: call('PutRetentionPolicy', { busy: aborted }),
  TagResource: call('TagResource', { busy: never('the model declares no such error for it') }),
  DeleteLogGroup: call(
    'DeleteLogGroup',
    { busy: aborted },
    {
      protected: jsonError(
        'ValidationException',
        'Log group has deletion protection enabled. Disable deletion protection before deleting the log group.',
        `refused: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/protecting-log-groups-from-deletion.html${COMPOSED}`,
      ),
    },
  ),
};
