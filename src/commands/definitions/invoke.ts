import { command, type Definition, type OptionsOf } from '../command.ts';

const definition = {
  name: 'invoke',
  group: 'Function',
  summary: 'call a function and show its answer; exit code 1 when it fails or answers 400 or more',
  arguments: { name: { kind: 'required', placeholder: 'name', summary: 'a function of the config' } },
  options: {
    local: { kind: 'switch', summary: 'run the package on this machine, against the real (or sandbox) table' },
    payload: { kind: 'value', placeholder: 'json', summary: 'the event, or @FILE (default: a GET on the URL)' },
  },
  examples: [
    ['crc invoke IncrementVisits', 'what the public is served'],
    ['crc invoke IncrementVisits --local', 'what would be served, before it is deployed'],
    ['crc invoke IncrementVisits --payload @event.json --json', 'with an event, for a program'],
  ],
} as const satisfies Definition;

export type InvokeOptions = OptionsOf<typeof definition>;

export const invokeCommand = command(definition, async () => (await import('../invoke.ts')).invoke);
