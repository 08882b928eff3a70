import pc from 'picocolors';
import { counted } from '../counted.ts';
import { DOCUMENT_VERSION, jsonText } from '../json.ts';
import { shown } from './foreign.ts';

/** The backend of a Terraform folder, and its problems. */
export interface BackendView {
  readonly directory: string;
  readonly bucket: string | null;
  readonly key: string | null;
  /** `main.tf:3` */
  readonly place?: string;
  readonly problems: readonly { readonly id: string; readonly message: string; readonly fix: string }[];
}

/** The document of `backend --check`. */
export function backendCheckDocument(backends: readonly BackendView[]): string {
  return jsonText({
    version: DOCUMENT_VERSION,
    command: 'backend',
    status: backends.some(({ problems }) => problems.length > 0) ? 'problems' : 'ok',
    backends: backends.map(({ directory, key, bucket, problems }) => ({ directory, key, bucket, problems })),
  });
}

/** Each folder with its problems below it, and the total. */
export function backendCheckText(given: readonly BackendView[], color: boolean): string {
  const backends = shown(given);
  const { red, green, dim } = pc.createColors(color);
  const count = backends.flatMap(({ problems }) => problems).length;
  return [
    ...backends.flatMap(({ directory, bucket, key, place, problems }) => [
      `${problems.length === 0 ? green('✓') : red('✗')} ${directory}${stateText(bucket, key)}${place === undefined ? '' : dim(`  ${place}`)}`,
      ...problems.flatMap(({ id, message, fix }) => [`    ${red(sentence(message))} ${dim(`[${id}]`)}`, `    ${fix}`]),
    ]),
    '',
    `${count === 0 ? 'No problems' : counted(count, 'problem')} in ${counted(backends.length, 'backend')}.`,
  ].join('\n');
}

function stateText(bucket: string | null, key: string | null): string {
  if (bucket === null && key === null) return '';
  return `: ${key ?? '(a key given to terraform init)'} in ${bucket ?? '(a bucket given to terraform init)'}`;
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
