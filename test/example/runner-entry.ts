import type { Entry } from '../../src/resources/list.ts';
import type { ConfigWithRunner } from './runner-config.ts';

export const runnerEntry: Entry = {
  ids: ({ runner }: ConfigWithRunner) => (runner === undefined ? [] : ['instance-profile']),
  async load({ runner }: ConfigWithRunner, context) {
    if (runner === undefined) return [];
    const [{ instanceProfile }] = await Promise.all([import('./instance-profile.ts'), context.clients.load('iam')]);
    return [instanceProfile({ name: runner.instanceProfile, role: runner.role }, context)];
  },
};
