import { stripVTControlCharacters } from 'node:util';

/** One step of the demo: its purpose, and the command as a user types it. */
export interface DemoStep {
  readonly title: string;
  /** Arguments of crc; undefined for the step that changes the account outside crc. */
  readonly args?: readonly string[];
  /** The expected exit code. */
  readonly exitCode: number;
  /** The lines of output to show. */
  readonly essential: RegExp;
}

/** In order. The output fits on a screen and a half; the whole output is what the commands are for. */
export const DEMO_STEPS: readonly DemoStep[] = [
  {
    title: 'Create what Terraform and GitHub Actions need, and a visit counter',
    args: ['bootstrap', '--yes'],
    exitCode: 0,
    essential: /^created +(state-bucket|lock-table|oidc-provider|role\/)|^Done/,
  },
  {
    title: 'Check that the account matches the config',
    args: ['verify'],
    exitCode: 0,
    essential: /^No drift|in sync\.$/,
  },
  { title: 'Meanwhile, someone changes the account outside crc', exitCode: 0, essential: /./ },
  {
    title: 'Detect the drift',
    args: ['verify'],
    exitCode: 2,
    essential: /^Drift detected|^~ |^ +~ publicAccess|^ +[-+] .*:sub = /,
  },
  { title: 'Fix it', args: ['bootstrap', '--yes'], exitCode: 0, essential: /^Done/ },
  {
    title: 'Ask whether GitHub Actions can log in',
    args: ['explain'],
    exitCode: 0,
    essential: /^GitHub can assume|^ +✓ allowed /,
  },
];

/** The number of lines to show if none matches. */
const FALLBACK_LINES = 3;

/** The lines of an output to show for a step. */
export function essentialLines({ essential }: DemoStep, output: string): readonly string[] {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const essentials = lines.filter((line) => essential.test(stripVTControlCharacters(line)));
  return essentials.length > 0 ? essentials : lines.slice(-FALLBACK_LINES);
}
