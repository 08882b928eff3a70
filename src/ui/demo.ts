import pc from 'picocolors';

export const DEMO_STARTS = 'crc demo: six steps in a local AWS emulator (Moto), without an AWS account.';

export const DEMO_STOPPED = 'Demo stopped. Nothing is left of it.';

/** A step that is done. */
export interface DemoStepView {
  readonly title: string;
  readonly args?: readonly string[];
  readonly exitCode: number;
  /** The lines of its output that matter. */
  readonly lines: readonly string[];
}

/** The head of a step, before it runs: what it is for, and the command. */
export function stepHead(number: number, { title, args }: Omit<DemoStepView, 'lines'>, color: boolean): string {
  const { bold, cyan } = pc.createColors(color);
  const command = args === undefined ? '' : `   ${cyan(`$ crc ${args.join(' ')}`)}\n`;
  return `\n${bold(`${number}. ${title}`)}\n${command}`;
}

/** What a step showed. */
export function stepLines({ lines }: DemoStepView): string {
  return lines.map((line) => `   ${line}\n`).join('');
}

export function demoEnd(durationMs: number): string {
  return `
Done in ${Math.round(durationMs / 1000)} seconds, cleaned up. For your own project: npx crc-bootstrap init
`;
}
