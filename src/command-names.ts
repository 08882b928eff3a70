/** The command's name, for an error that came before the command line was understood. */
export function commandOf(argv: readonly string[]): string {
  return argv.slice(2).find((word) => (COMMANDS as readonly string[]).includes(word)) ?? 'crc';
}

const COMMANDS = [
  'init',
  'bootstrap',
  'verify',
  'deploy-function',
  'invoke',
  'outputs',
  'backend',
  'workflow',
  'permissions',
  'export',
  'explain',
  'destroy',
  'sandbox',
] as const;
