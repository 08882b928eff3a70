import type { Place } from '../../src/aws/arns.ts';
import type { Clients } from '../../src/aws/clients.ts';
import type { Context, Run } from '../../src/resources/context.ts';
import { wantedTags } from '../../src/resources/tags.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-2';
export const PLACE: Place = { accountId: ACCOUNT, region: REGION };
export const PROJECT = 'resume';

export function contextFor(clients: Clients, region = REGION, overrides: Partial<Context> = {}): Context {
  return {
    clients,
    place: { accountId: ACCOUNT, region },
    tags: wantedTags({ tags: { Project: 'cloud-resume' }, project: PROJECT }),
    signal: new AbortController().signal,
    ...overrides,
  };
}

export const READ_ONLY_RUN: Run = { root: '/' };

/** The tags of `contextFor`, as SDK input. */
export const TAG_LIST = [
  { Key: 'Project', Value: 'cloud-resume' },
  { Key: 'ManagedBy', Value: 'crc' },
  { Key: 'crc:project', Value: PROJECT },
];
