import { closest } from '../closest.ts';
import { type Check, withAdvice } from './names.ts';

export const RUNTIMES = [
  'nodejs22.x',
  'nodejs24.x',
  'python3.10',
  'python3.11',
  'python3.12',
  'python3.13',
  'python3.14',
] as const;

/** The date on which AWS ended support; https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
const DEPRECATED: ReadonlyMap<string, string> = new Map([
  ['nodejs14.x', '2023-12-04'],
  ['nodejs16.x', '2024-06-12'],
  ['nodejs18.x', '2025-09-01'],
  ['nodejs20.x', '2026-04-30'],
  ['python3.7', '2023-12-04'],
  ['python3.8', '2024-10-14'],
  ['python3.9', '2025-12-15'],
]);

/**
 * Runtimes that crc still packages although AWS has ended their support: when, and from when on no new function can use
 * them. Existing functions run and can be updated for longer. From the same page; once AWS blocks updates, move the
 * runtime to `DEPRECATED`.
 */
export const ENDING_RUNTIMES: ReadonlyMap<string, { readonly deprecated: string; readonly createBlocked: string }> =
  new Map([['python3.10', { deprecated: '2026-10-31', createBlocked: '2026-11-30' }]]);

/** The newest runtime of the same language. */
export function newestRuntime(name: string): string {
  return name.startsWith('python') ? 'python3.14' : 'nodejs24.x';
}

export const runtime: Check = (name) => {
  const ended = DEPRECATED.get(name);
  if (ended !== undefined) return `was deprecated by AWS on ${ended}; write "${newestRuntime(name)}"`;
  if ((RUNTIMES as readonly string[]).includes(name)) return undefined;
  const meant = closest(name, RUNTIMES);
  return `must be one of ${RUNTIMES.join(', ')}${meant === undefined ? '' : `; did you mean "${meant}"?`}`;
};

/** A path inside the config's folder. */
export const sourceFolder: Check = (path) => {
  if (path === '')
    return 'must not be empty; write the folder of the function, for example "functions/increment-visits"';
  if (/^([/\\~]|[A-Za-z]:)/.test(path))
    return 'must be relative to the config file, for example "functions/increment-visits"';
  if (path.split(/[/\\]/).includes('..')) return 'must stay inside the folder of the config file, without ".."';
  return /\p{Cc}/u.test(path) ? 'must not contain control characters' : undefined;
};

/** A path or a glob inside the function's folder. */
export const includedPath: Check = (path) => {
  if (path === '') return 'must not be empty; write a path or a glob in "source", for example "page.html"';
  if (/^([/\\~]|[A-Za-z]:)/.test(path)) return 'must be relative to "source", for example "page.html"';
  if (path.startsWith('!')) return 'must not start with "!"; list what to exclude in a .crcignore in "source"';
  if (path.includes('\\')) return 'must be written with "/", for example "templates/page.html"';
  if (path.split('/').includes('..')) return 'must stay inside "source", without ".."';
  return /\p{Cc}/u.test(path) ? 'must not contain control characters' : undefined;
};

/** https://github.com/npm/validate-npm-package-name, without a version. */
export const packageName: Check = (name) =>
  /^(@[a-z0-9~][\w.~-]*\/)?[a-z0-9~][\w.~-]*$/i.test(name) && name.length <= 214
    ? undefined
    : 'must be the name of a package, without a version or a path, for example "geoip-lite"';

export const handler: Check = (name) =>
  /^[^\s.][^\s]*\.[A-Za-z_$][\w$]*$/.test(name) && name.length <= 128
    ? undefined
    : 'must be FILE.EXPORT, for example "index.handler"';

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const RESERVED = [
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_DEFAULT_REGION',
  'AWS_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_LAMBDA_MAX_CONCURRENCY',
  'AWS_LAMBDA_METADATA_API',
  'AWS_LAMBDA_METADATA_TOKEN',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
];

export const environmentName: Check = (name) => {
  if (RESERVED.includes(name)) return 'is set by Lambda itself; choose another name';
  if (name.length === 1) return 'must be at least two characters long, which Lambda requires; choose a longer name';
  return /^[a-zA-Z][a-zA-Z0-9_]+$/.test(name)
    ? undefined
    : 'must start with a letter and may only contain letters, digits and underscores';
};

export const origin: Check = (text) => {
  if (text === '*') return undefined;
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed === undefined || parsed.origin === 'null') {
    return withOrigin(`https://${text}`);
  }
  if (text === parsed.origin) return undefined;
  return withAdvice('must be only scheme, host and port, as the browser sends them', parsed.origin, origin);
};

/** A bare host name only needs a scheme. */
function withOrigin(text: string): string {
  const problem = 'must be an origin: scheme and host';
  const right = URL.canParse(text) && new URL(text).hostname.includes('.') ? new URL(text).origin : undefined;
  const example = `${problem}, for example "https://resume.example.com"`;
  return right === undefined || origin(right) !== undefined ? example : withAdvice(problem, right, origin);
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', '*'];

export const corsMethod: Check = (method) => {
  if (method.toUpperCase() === 'OPTIONS') return 'must be left out: Lambda answers OPTIONS (the preflight) itself';
  if (METHODS.includes(method)) return undefined;
  return METHODS.includes(method.toUpperCase())
    ? `must be uppercase; write "${method.toUpperCase()}"`
    : `must be one of ${METHODS.join(', ')}`;
};

/**
 * Retention periods that CloudWatch Logs supports, in days;
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 */
export const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;
