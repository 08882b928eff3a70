import type { Definition, OptionsOf } from '../command.ts';

export const COMPLETION = {
  name: 'completion',
  group: 'More',
  summary: 'print the completion script for bash, zsh or fish',
  listing: 'own-page',
  description:
    'Completes commands, options, and names from your config: resources, roles, functions and states. It makes no network requests. ' +
    'crc must be in your PATH; npx commands cannot be completed. bash needs the package bash-completion.',
  arguments: {
    shell: { kind: 'required', placeholder: 'shell', values: ['bash', 'zsh', 'fish'], summary: 'bash, zsh or fish' },
  },
  exitCodes: { 0: 'printed', 1: 'no script for that shell' },
  examples: [
    ["echo 'source <(crc completion bash)' >> ~/.bashrc", 'bash'],
    ["echo 'source <(crc completion zsh)' >> ~/.zshrc", 'zsh, after compinit'],
    ['crc completion fish > ~/.config/fish/completions/crc.fish', 'fish'],
  ],
} as const satisfies Definition;

export type CompletionOptions = OptionsOf<typeof COMPLETION>;
