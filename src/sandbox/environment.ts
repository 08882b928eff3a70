export type Environment = Readonly<Record<string, string | undefined>>;

export interface SandboxPlace {
  readonly endpoint: string;
  readonly region: string;
}

/** Whatever could lead a call past the sandbox, to real AWS, or sign it with real credentials. */
const REMOVED = [
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
  'AWS_USE_FIPS_ENDPOINT',
  'AWS_USE_DUALSTACK_ENDPOINT',
];

/** What the sandbox sets. The credentials are dummies: Moto takes any. */
function settings({ endpoint, region }: SandboxPlace, env: Environment): Record<string, string> {
  const noProxy = (name: string) => [env[name], '127.0.0.1', 'localhost'].filter(Boolean).join(',');
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'testing',
    AWS_SECRET_ACCESS_KEY: 'testing',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
    NO_PROXY: noProxy('NO_PROXY'),
    no_proxy: noProxy('no_proxy'),
  };
}

/** The environment of a command in the sandbox. */
export function sandboxEnvironment(env: Environment, place: SandboxPlace): Environment {
  const kept = Object.entries(env).filter(([name]) => !isRemoved(name));
  return { ...Object.fromEntries(kept), ...settings(place, env) };
}

/** The same as lines for a shell. */
export function shellLines(env: Environment, place: SandboxPlace): string {
  const unset = Object.keys(env)
    .filter(isRemoved)
    .map((name) => `unset ${name}`);
  const set = Object.entries(settings(place, env)).map(([name, value]) => `export ${name}=${quoted(value)}`);
  return [...unset, ...set].join('\n');
}

function isRemoved(name: string): boolean {
  return REMOVED.includes(name) || name.startsWith('AWS_ENDPOINT_URL_');
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
