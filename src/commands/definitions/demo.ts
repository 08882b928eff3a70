import type { Definition, OptionsOf } from '../command.ts';

export const DEMO = {
  name: 'demo',
  group: 'Start',
  summary: 'see what crc does, without an AWS account',
  description:
    'Runs crc in six steps in a local AWS emulator (Moto) and a temporary folder, without any questions. It takes about twenty seconds and leaves nothing behind.',
  exitCodes: { 0: 'shown', 1: 'Moto is missing, or a step failed' },
  examples: [
    ['crc demo', 'create, verify, detect and fix drift, explain a login'],
    ['crc demo --json', 'the steps and their results, for a program'],
  ],
} as const satisfies Definition;

export type DemoOptions = OptionsOf<typeof DEMO>;
