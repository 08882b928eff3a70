import { CrcError } from '../../../errors.ts';
import type { Diagnostic } from './activity.ts';
import { valueHint } from './variables.ts';

/** The step in which Terraform failed. */
export type Step = 'init' | 'workspace' | 'plan' | 'apply' | 'second plan' | 'destroy';

/** The number of errors to show for one step; the rest are mostly the same. */
const MAX_ERRORS = 5;

/** Moto's response to unsupported requests: its own 404 or 501, or an error page of its web server. */
const UNKNOWN_TO_MOTO =
  /NotYetImplemented|not (?:yet )?(?:been )?implemented|NotImplemented|StatusCode: (?:404|405|501),? .*(?:deserialization failed|Unknown|UnknownError)|api error (?:Unknown|UnknownError|501)|InternalFailure|StatusCode: 500/i;

const BY_LOG =
  'For what the emulator does not support, run `terraform apply` and then `terraform plan` yourself, both with TF_LOG_PROVIDER=DEBUG TF_LOG_PATH=terraform.log, then `crc permissions terraform --log terraform.log`. Delete the log afterwards: it can contain secrets.';

export interface FailureInput {
  readonly step: Step;
  readonly program: string;
  readonly diagnostics: readonly Diagnostic[];
  /** The end of its output that is not JSON. */
  readonly output: readonly string[];
  /** Names of files that were not copied because they look like keys. */
  readonly secrets: readonly string[];
  /** Removes secrets from a text. */
  readonly hide: (text: string) => string;
}

/** Terraform's own error messages, and how to continue. */
export function failureOf({ step, program, diagnostics, output, secrets, hide }: FailureInput): CrcError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const texts = errors.length > 0 ? errors.map(lineOf) : fromError(output);
  const shown = texts.slice(0, MAX_ERRORS).map(hide);
  const more = texts.length > shown.length ? [`and ${texts.length - shown.length} more`] : [];
  const command = step === 'second plan' ? 'plan' : step;
  // Steps before the emulator is started do not run in a sandbox.
  const where = step === 'init' || step === 'workspace' ? '' : ' in the sandbox';
  return new CrcError(`\`${program} ${command}\` failed${where}.`, {
    details: [...shown, ...more],
    hint: hintFor(texts.join('\n'), secrets),
  });
}

/** Non-JSON output from the first error on; warnings, some of them in frames, come before it. */
function fromError(output: readonly string[]): readonly string[] {
  const lines = output.map((line) => line.replace(/^[│╷╵]\s*/, '').trim()).filter((line) => line !== '');
  const start = lines.findIndex((line) => line.startsWith('Error:'));
  return start === -1 ? lines : lines.slice(start);
}

function lineOf({ summary = '', detail = '', address, range }: Diagnostic): string {
  const [first = ''] = detail.split('\n').filter((line) => line.trim() !== '');
  const place = address ?? (range?.filename === undefined ? undefined : `${range.filename}:${range.start?.line ?? 1}`);
  return `${place === undefined ? '' : `${place}: `}${summary}${first === '' ? '' : `: ${first}`}`;
}

function hintFor(text: string, secrets: readonly string[]): string {
  const [, variable] = /No value for required variable: The root module input variable "([^"]+)"/.exec(text) ?? [];
  if (variable !== undefined) return valueHint([variable]);
  const missing = secrets.find((name) => text.includes(name));
  if (missing !== undefined) {
    return `crc never copies files that look like keys, such as ${missing}. Let the configuration read a different file if that one is missing, or use --log.`;
  }
  if (
    /Failed to query available provider packages|could not connect to registry|Failed to install provider/i.test(text)
  ) {
    return 'Run `terraform init` in the folder first: crc uses the providers that are installed there.';
  }
  if (/remote state|terraform_remote_state/i.test(text)) {
    return `The sandbox has no states of other configurations. ${BY_LOG}`;
  }
  return UNKNOWN_TO_MOTO.test(text) ? BY_LOG : `Fix this, or use the log of a real run. ${BY_LOG}`;
}
