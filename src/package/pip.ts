import { shellWord } from '../shell.ts';

/** For whom libraries are installed. */
export interface PipTarget {
  /** The function's folder as written in the config. */
  readonly source: string;
  /** `python3.13` */
  readonly runtime: string;
  /** `arm64`; undefined if the config leaves it to Lambda, which uses x86_64 for a new function. */
  readonly architecture: string | undefined;
}

/** The runtimes on Amazon Linux 2, whose C library is too old for most wheels since 2025. */
const ON_AMAZON_LINUX_2 = ['python3.10', 'python3.11'];

/**
 * The command that installs libraries into the folder for Lambda, whatever machine it runs on. pip takes the platforms
 * literally, so that newer wheels need their own (https://pip.pypa.io/en/stable/cli/pip_install/#cmdoption-platform).
 */
export function pipCommand({ source, runtime, architecture }: PipTarget, what: string): string {
  const machine = architecture === 'arm64' ? 'aarch64' : 'x86_64';
  const systems = ['manylinux2014', ...(ON_AMAZON_LINUX_2.includes(runtime) ? [] : ['manylinux_2_28'])];
  const platforms = systems.map((system) => `--platform ${system}_${machine}`).join(' ');
  return `pip install ${what} --target ${shellWord(source)} ${platforms} --python-version ${runtime.replace('python', '')} --only-binary=:all:`;
}
