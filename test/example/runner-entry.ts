import type { Entry } from '../../src/resources/list.ts';
import type { ConfigWithRunner } from './runner-config.ts';

export const runnerEntry: Entry = {
  ids: ({ runner }: ConfigWithRunner) => (runner === undefined ? [] : ['instance-profile']),
  services: ['iam'],
  async load() {
    const { instanceProfile } = await import('./instance-profile.ts');
    return ({ runner }: ConfigWithRunner, context) =>
      runner === undefined ? [] : [instanceProfile({ name: runner.instanceProfile, role: runner.role }, context)];
  },
};
