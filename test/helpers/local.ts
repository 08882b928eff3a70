import type { LocalInvocation } from '../../src/invoke/local.ts';

/** A local invocation of a package, by default a Node function with default settings. */
export function localInvocation(
  overrides: Pick<LocalInvocation, 'files' | 'folder'> & Partial<LocalInvocation>,
): LocalInvocation {
  return {
    accountId: '123456789012',
    functionName: 'IncrementVisits',
    runtime: 'nodejs24.x',
    handler: 'index.handler',
    memoryMb: 128,
    timeoutSeconds: 10,
    environment: {},
    payload: '{}',
    region: 'eu-west-2',
    env: process.env,
    ...overrides,
  };
}
