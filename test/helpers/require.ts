import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'vitest';

/** Programs that tests need, and how to install them. */
const TOOLS = {
  aws: { program: 'aws', get: 'https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html' },
  bash: { program: 'bash', get: 'apt install bash' },
  bashCompletion: { program: '/usr/share/bash-completion/bash_completion', get: 'apt install bash-completion' },
  bun: { program: 'bun', get: 'https://bun.com/docs/installation' },
  fish: { program: 'fish', get: 'apt install fish' },
  moto: { program: 'moto_server', get: "pip install 'moto[server]>=5,<6'" },
  python: {
    program: process.platform === 'win32' ? 'python' : 'python3',
    get: 'https://www.python.org/downloads/',
  },
  // The `script` of macOS has different flags.
  script: { program: process.platform === 'linux' ? 'script' : 'script of util-linux', get: 'apt install bsdutils' },
  zsh: { program: 'zsh', get: 'apt install zsh' },
  tofu: { program: 'tofu', get: 'https://opentofu.org/docs/intro/install' },
  terraform: { program: 'terraform', get: 'https://developer.hashicorp.com/terraform/install' },
} as const;

export type Tool = keyof typeof TOOLS;

/**
 * A test suite that needs external programs. If one is missing, the suite is skipped with a message on stderr that
 * explains how to install it. If CRC_REQUIRE names the program, as in CI, its absence is a failure.
 */
export function describeWith(tools: Tool | readonly Tool[], name: string, suite: () => void): void {
  const tool = [tools].flat().find((candidate) => !isInstalled(TOOLS[candidate].program));
  if (tool === undefined) {
    describe(name, suite);
    return;
  }
  const { program, get } = TOOLS[tool];
  const missing = `NOT RUN: "${name}" needs ${program}, which was not found. Get it: ${get}`;
  if ((process.env.CRC_REQUIRE ?? '').split(',').includes(tool)) {
    describe(name, () => {
      it('has the program it needs', () => {
        throw new Error(missing);
      });
    });
    return;
  }
  process.stderr.write(`\n${missing}\n`);
  describe.skip(name, suite);
}

function isInstalled(program: string): boolean {
  if (program.startsWith('/')) return existsSync(program);
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
