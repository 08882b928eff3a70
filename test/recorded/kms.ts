import { type CallAnswers, COMPOSED, deniedMessage, jsonError, READS } from './answer.ts';

const MODEL = `name: the model of KMS in the SDK${COMPOSED}`;

/** Answers of KMS. */
export const KMS: Readonly<Record<string, CallAnswers>> = {
  DescribeKey: {
    absent: jsonError(
      'NotFoundException',
      'Alias arn:aws:kms:eu-west-2:123456789012:alias/states is not found.',
      'hashicorp/terraform-provider-aws#27116, with other names',
    ),
    denied: jsonError(
      'AccessDeniedException',
      deniedMessage(
        'kms',
        'DescribeKey',
        'arn:aws:kms:eu-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
      ),
      MODEL,
    ),
    throttled: jsonError('ThrottlingException', 'Rate exceeded', MODEL),
    busy: READS,
  },
};
