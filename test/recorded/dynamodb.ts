import {
  ARNS,
  type CallAnswers,
  COMPOSED,
  CREATES,
  deniedMessage,
  dynamoError,
  type Never,
  never,
  READS,
  type RecordedAnswer,
} from './answer.ts';

const SNAPSHOT = 'LocalStack, AWS-validated snapshots of tests/aws/services/dynamodb (8b9a79f)';
const LIVE = `the first words of the message: live runs of others (ack-api-quirks, DDB-TABLE rows); the rest of it${COMPOSED}`;
const NOT_RECORDED = `name: the model of DynamoDB in the SDK${COMPOSED}`;
const ERRORS = `name and status: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html#Programming.Errors.MessagesAndCodes${COMPOSED}`;
const TABLE = 'abcdef-terraform-locking';

const limit = (message: string, source = LIVE) => dynamoError('LimitExceededException', message, source);
const inUse = (message: string, source = LIVE) => dynamoError('ResourceInUseException', message, source);

const tooManyChanges = limit(
  'Subscriber limit exceeded: Only 50 tables can be created, updated, or deleted simultaneously',
);
const accountMaximum = limit(
  'This request would cause the provisioned throughput limit to be exceeded for the account in this region.',
);
const tableMaximum = limit('The requested throughput is above the per table maximum allowed of 40000 read units.');

const ITEMS_ARE_FREE = never('DynamoDB orders writes to an item itself; only changes of the table meet each other');

const capacityUsedUp = dynamoError(
  'ProvisionedThroughputExceededException',
  'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
  ERRORS,
);
const conditionFailed = dynamoError('ConditionalCheckFailedException', 'The conditional request failed', ERRORS);

function call(
  operation: string,
  answers: { readonly busy: RecordedAnswer | Never } & Readonly<Record<string, RecordedAnswer | Never>>,
): CallAnswers {
  return {
    absent: dynamoError(
      'ResourceNotFoundException',
      `Requested resource not found: Table: ${TABLE} not found`,
      SNAPSHOT,
    ),
    denied: dynamoError(
      'AccessDeniedException',
      deniedMessage('dynamodb', operation, ARNS.table),
      ERRORS,
      'com.amazon.coral.service',
    ),
    throttled: dynamoError(
      'ThrottlingException',
      'Rate of requests exceeds the allowed throughput.',
      ERRORS,
      'com.amazon.coral.availability',
    ),
    'internal-error': {
      ...dynamoError('InternalServerError', 'The request processing has failed because of an unknown error.', ERRORS),
      status: 500,
    },
    ...answers,
  };
}

/** Answers of DynamoDB. */
export const DYNAMODB: Readonly<Record<string, CallAnswers>> = {
  DescribeTable: call('DescribeTable', { busy: READS }),
  ListTables: call('ListTables', { absent: never('the list is empty'), busy: READS }),
  ListTagsOfResource: call('ListTagsOfResource', {
    absent: dynamoError(
      'ResourceNotFoundException',
      `Requested resource not found: ResourcArn: ${ARNS.table} not found`,
      NOT_RECORDED,
    ),
    busy: READS,
  }),
  Scan: call('Scan', {
    busy: READS,
    'capacity-used-up': capacityUsedUp,
  }),
  GetItem: call('GetItem', { busy: READS, 'capacity-used-up': capacityUsedUp }),
  PutItem: call('PutItem', {
    busy: ITEMS_ARE_FREE,
    'capacity-used-up': capacityUsedUp,
    'condition-failed': conditionFailed,
  }),
  DeleteItem: call('DeleteItem', {
    busy: ITEMS_ARE_FREE,
    'capacity-used-up': capacityUsedUp,
    'condition-failed': conditionFailed,
  }),
  CreateTable: call('CreateTable', {
    absent: CREATES,
    busy: tooManyChanges,
    exists: inUse(`Table already exists: ${TABLE}`, NOT_RECORDED),
    'too-many-tables': limit('Subscriber limit exceeded: The maximum number of tables has been reached'),
    'account-maximum': accountMaximum,
    'table-maximum': tableMaximum,
  }),
  UpdateTable: call('UpdateTable', {
    busy: inUse(`Attempt to change a resource which is still in use: Table is being updated: ${TABLE}`),
    updating: inUse(`The table is currently being updated. Table IOPS are currently being updated: ${TABLE}`),
    unchanged: dynamoError(
      'ValidationException',
      'The provisioned throughput for the table will not change. The requested value equals the current value. Current ReadCapacityUnits provisioned for the table: 5. Requested ReadCapacityUnits: 5. Current WriteCapacityUnits provisioned for the table: 5. Requested WriteCapacityUnits: 5. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.',
      LIVE,
      'com.amazon.coral.validate',
    ),
    'too-many-changes': tooManyChanges,
    'decreases-used-up': limit(
      'Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day. After the first 4 decreases, each subsequent decrease in the same UTC day can be performed at most once every 3600 seconds. Number of decreases today: 4. Last decrease at Wednesday, November 25, 2026 at 9:00:00 PM Coordinated Universal Time. Next decrease can be made at Wednesday, November 25, 2026 at 10:00:00 PM Coordinated Universal Time',
    ),
    'account-maximum': accountMaximum,
    'table-maximum': tableMaximum,
  }),
  DeleteTable: call('DeleteTable', {
    busy: inUse(`Attempt to change a resource which is still in use: Table is being updated: ${TABLE}`),
    'too-many-changes': tooManyChanges,
    'tags-being-updated': limit(`Table tags are being updated: ${TABLE}`),
  }),
  TagResource: call('TagResource', {
    busy: limit(`Table tags are being updated: ${TABLE}`),
    absent: dynamoError(
      'ResourceNotFoundException',
      `Requested resource not found: ResourcArn: ${ARNS.table} not found`,
      NOT_RECORDED,
    ),
  }),
};
