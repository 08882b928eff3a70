import type { Definition, OptionsOf } from '../command.ts';

export const INVOKE = {
  name: 'invoke',
  group: 'Function',
  summary: 'call a function and show its response',
  arguments: {
    name: { kind: 'required', placeholder: 'name', values: 'functions', summary: 'a function in the config' },
  },
  options: {
    local: { kind: 'switch', summary: 'run the package on this machine, against the real (or sandbox) table' },
    asRole: {
      kind: 'switch',
      summary: "with --local: run it with the permissions of the function's role, if AWS allows it",
    },
    payload: {
      kind: 'value',
      placeholder: 'json',
      summary: 'the event, or @FILE (default: the request of "test" in the config, or a GET)',
    },
    event: {
      kind: 'value',
      placeholder: 'format',
      values: ['url', 'rest'],
      summary: 'format of that request: url, as a function URL sends it, or rest, as a REST API does (default: url)',
    },
  },
  exitCodes: { 0: 'the function succeeded', 1: 'the function failed or returned a status of 400 or more' },
  examples: [
    ['crc invoke IncrementVisits', 'the deployed version that visitors get'],
    ['crc invoke IncrementVisits --local', 'your source, before you deploy it'],
    ['crc invoke IncrementVisits --payload @event.json --json', 'with an event from a file, for a program'],
  ],
} as const satisfies Definition;

export type InvokeOptions = OptionsOf<typeof INVOKE>;
