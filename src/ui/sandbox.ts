/** The first line, before anything is started. */
export const SANDBOX_STARTS = 'Starting a sandbox: a local AWS emulator (Moto). Nothing in it reaches AWS.';

/** It was stopped before it was ready. */
export const SANDBOX_CANCELLED = 'Sandbox stopped.';

export const SANDBOX_STOPPED = 'Sandbox stopped. Everything in it was deleted.';

/** Moto treats the bucket policy's denial of requests without TLS as a denial of all requests. */
export const TERRAFORM_REFUSED = 'Terraform gets 403 here: for Terraform, start it with `crc sandbox --terraform`.';

/** Why it takes so long if Moto is not installed. */
export function downloadText(program: string): string {
  return `${program} downloads Moto the first time, which can take a minute.`;
}

export interface SandboxView {
  readonly accountId: string;
  readonly region: string;
  readonly shell: string;
  /** It was started for Terraform. */
  readonly terraform: boolean;
}

/** The text before and after the lines for the other terminal, which are the result on stdout. */
export function readyText({ accountId, region, shell, terraform }: SandboxView): {
  readonly before: string;
  readonly after: string;
} {
  return {
    before: [
      `Ready: account ${accountId}, ${region}.`,
      '',
      `Paste these lines into a second terminal (${shell}; --shell NAME for another):`,
      '',
    ].join('\n'),
    after: [
      '',
      `There, all AWS tools use the sandbox, for example: \`crc bootstrap\``,
      ...(terraform ? [] : [TERRAFORM_REFUSED]),
      `To use only one terminal: \`crc sandbox -- ${shell}\``,
      'Press Ctrl-C here to stop it.',
      '',
    ].join('\n'),
  };
}
