import pc from 'picocolors';

export const DEMO_STARTS = 'crc demo: six steps in a local AWS emulator (Moto), without an AWS account.';

export const DEMO_STOPPED = 'Demo stopped. Nothing was left behind.';

/** A finished step. */
export interface DemoStepView {
  readonly title: string;
  readonly args?: readonly string[];
  readonly exitCode: number;
  /** The lines of its output that matter. */
  readonly lines: readonly string[];
}

/** The heading of a step, before it runs: its purpose and the command. */
export function stepHead(number: number, { title, args }: Omit<DemoStepView, 'lines'>, color: boolean): string {
  const { bold, cyan } = pc.createColors(color);
  const command = args === undefined ? '' : `   ${cyan(`$ crc ${args.join(' ')}`)}\n`;
  return `\n${bold(`${number}. ${title}`)}\n${command}`;
}

/** The output of a step. */
export function stepLines({ lines }: DemoStepView): string {
  return lines.map((line) => `   ${line}\n`).join('');
}

export function demoEnd(durationMs: number): string {
  return `
Done in ${Math.round(durationMs / 1000)} seconds, cleaned up. For your own project: npx crc-bootstrap init
`;
}
