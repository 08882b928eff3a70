import { type CallAnswers, COMPOSED, deniedMessage, jsonError, never, READS } from './answer.ts';

const MODEL = `name: the model of the Resource Groups Tagging API in the SDK${COMPOSED}`;

/** Answers of the Resource Groups Tagging API: JSON 1.1, like CloudWatch Logs. */
export const TAG: Readonly<Record<string, CallAnswers>> = {
  GetResources: {
    absent: never('the list is empty'),
    denied: jsonError('AccessDeniedException', deniedMessage('tag', 'GetResources', '*'), MODEL),
    throttled: jsonError('ThrottledException', 'Rate exceeded', MODEL),
    busy: READS,
  },
};
