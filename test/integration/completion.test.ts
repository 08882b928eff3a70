import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EXAMPLE, SCRIPT } from '../helpers/cli.ts';
import { exampleConfig } from '../helpers/configs.ts';
import { folderWith } from '../helpers/folder.ts';
import { describeWith } from '../helpers/require.ts';
import { runInTerminal, type Typed } from '../helpers/terminal.ts';

/**
 * How to start each shell without the user's settings, with `$ ` as prompt. The completion script is sourced twice, as
 * might happen by mistake.
 */
const SHELLS = {
  bash: {
    start: 'bash --noprofile --rcfile rc.bash -i',
    rc: `PS1='$ '\n. /usr/share/bash-completion/bash_completion\nsource <(crc completion bash)\nsource <(crc completion bash)\n`,
  },
  zsh: {
    start: 'ZDOTDIR=. zsh -d -i',
    rc: "PS1='$ '\nautoload -U compinit && compinit -u\nsource <(crc completion zsh)\nsource <(crc completion zsh)\n",
  },
  fish: {
    start: "fish --no-config --init-command 'source rc.fish' --interactive",
    rc: 'function fish_prompt; echo "\\$ "; end\ncrc completion fish | source\ncrc completion fish | source\n',
  },
} as const;
const RC_FILES = { bash: 'rc.bash', zsh: '.zshrc', fish: 'rc.fish' } as const;

/** A folder with a config and a `crc` in its bin. */
function folderFor(shell: keyof typeof SHELLS): { readonly cwd: string; readonly env: Record<string, string> } {
  const cwd = folderWith({
    'crc.config.json': readFileSync(EXAMPLE, 'utf8'),
    'event.json': '{}',
    'bin/crc': `#!/bin/sh\nexec '${process.execPath}' '${SCRIPT}' "$@"\n`,
    [RC_FILES[shell]]: SHELLS[shell].rc,
  });
  chmodSync(join(cwd, 'bin/crc'), 0o755);
  return { cwd, env: { PATH: `${join(cwd, 'bin')}:${process.env.PATH}`, HOME: cwd } };
}

/** Typed prefixes. The shell completes them. */
const TYPED: Typed = [
  [/\$ /, 'crc boot\t'],
  [/strap/, '--dr\t'],
  [/y-run/, '--only lock\t'],
  [/-table/, '--config eve\t'],
  // Ctrl-U clears the line. Ctrl-C might arrive while zsh is still completing.
  [/nt\.json/, '\u0015crc deploy-function Inc\t'],
  [/Visits/, '\u0015exit\n'],
];

/** Untrusted configs and words in the command line must not make bash execute code on Tab. */
describeWith(['script', 'bash', 'bashCompletion'], 'completion in bash with text that looks like code', () => {
  it('executes nothing', async () => {
    const folder = folderFor('bash');
    const config = exampleConfig();
    config.roles[0].state[0].key = 'x/$(touch from-config).tfstate';
    writeFileSync(join(folder.cwd, 'crc.config.json'), JSON.stringify(config));
    await runInTerminal(SHELLS.bash.start, {
      ...folder,
      typed: [
        [/\$ /, 'crc backend \t\t'],
        [/backend /, '\u0015crc verify --profile $(touch from-words) --mark\t'],
        [/--markdown/, '\u0015exit\n'],
      ],
    });
    expect(readdirSync(folder.cwd).filter((name) => name.startsWith('from-'))).toEqual([]);
  });
});

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  describeWith(
    ['script', shell, ...(shell === 'bash' ? (['bashCompletion'] as const) : [])],
    `completion in ${shell}`,
    () => {
      it('completes commands, flags, ids and names of the config, and files', async () => {
        const { shown } = await runInTerminal(SHELLS[shell].start, { ...folderFor(shell), typed: TYPED });
        expect(shown).not.toMatch(/readonly variable|not found|error/i);
      });
    },
  );
}
