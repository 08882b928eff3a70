import { couldBeNewRegion, REGIONS } from '../aws/regions.ts';
import { closest } from '../closest.ts';
import { MAX_TRUST } from '../policies/document.ts';
import { ENDING_RUNTIMES, newestRuntime } from './functions.ts';
import { trustSize } from './role-documents.ts';
import { roleWarnings, selfChangeWarnings } from './role-warnings.ts';
import type { ConfigWarning } from './rule.ts';
import type { Config, FunctionConfig } from './schema.ts';

/** The dangers in a config, by the id of the resource that they are about. */
export function configWarnings(config: Config): ReadonlyMap<string, readonly ConfigWarning[]> {
  const all = [
    ...regionWarnings(config),
    ...providerWarnings(config),
    ...config.roles.flatMap((role, index) => roleWarnings(role, `roles[${index}]`)),
    ...trustWarnings(config),
    ...config.functions.flatMap((functionConfig, index) => functionWarnings(functionConfig, `functions[${index}]`)),
  ];
  const byId = new Map<string, ConfigWarning[]>();
  for (const warning of all) byId.set(warning.id, [...(byId.get(warning.id) ?? []), warning]);
  return byId;
}

/** A trust policy that IAM only accepts if AWS has raised a quota of the account, which crc cannot see. */
function trustWarnings(config: Config): readonly ConfigWarning[] {
  return config.roles.flatMap((role, index) => {
    const size = trustSize(config, role);
    if (size <= MAX_TRUST.usual) return [];
    return [
      {
        id: `role/${role.name}`,
        message: `roles[${index}].trust.subjects: make a trust policy of ${size} characters, and IAM allows ${MAX_TRUST.usual} unless the account has a higher quota (Role trust policy length). Use wildcards ("ref:refs/heads/*") or a second role, or request up to ${MAX_TRUST.raised} from AWS Service Quotas.`,
      },
    ];
  });
}

/** A region that AWS may have opened since this version of crc. It is used, but may be a typo. */
function regionWarnings({ region, stateBucket }: Config): readonly ConfigWarning[] {
  const regions = [
    { path: 'region', name: region },
    ...(stateBucket.region === region ? [] : [{ path: 'stateBucket.region', name: stateBucket.region }]),
  ];
  return regions
    .filter(({ name }) => couldBeNewRegion(name))
    .map(({ path, name }) => {
      const meant = closest(name, REGIONS);
      const slip = meant === undefined ? '' : ` Otherwise correct it: did you mean "${meant}"?`;
      return {
        id: 'state-bucket',
        message: `${path}: this version of crc does not know ${name}. If it is new, update crc.${slip}`,
      };
    });
}

/** GitHub's own issuers: for github.com, for an enterprise, and for an enterprise with data residency. */
const GITHUB_ISSUER = /^https:\/\/token\.actions\.(githubusercontent\.com(\/[^/]+)?|[a-z0-9-]+\.ghe\.com)$/;

/**
 * Audiences for which GitHub jobs request tokens for other services: such a service could present the token to AWS.
 * From https://docs.github.com/en/actions/reference/security/oidc (the default is the owner's URL) and the services'
 * documentation.
 */
const AUDIENCES_OF_OTHERS: readonly (readonly [form: RegExp, whose: string])[] = [
  [/^https:\/\/github\.com\//, "GitHub's default, with which jobs log in anywhere"],
  [/^api:\/\/AzureADTokenExchange/, 'that of Azure'],
  [/iam\.googleapis\.com/, 'that of Google Cloud'],
  [/^sigstore$/, 'that of Sigstore'],
  [/^(test)?pypi$/, 'that of PyPI'],
  [/^npm:/, 'that of npm'],
  [/^(https:\/\/)?(rubygems\.org|crates\.io)$/, 'that of a package registry'],
  [/^(https?:\/\/[^/]*)?vault/i, 'one that Vault takes'],
];

function providerWarnings({ oidcProvider: { url, audiences } }: Config): readonly ConfigWarning[] {
  const id = 'oidc-provider';
  const issuer = GITHUB_ISSUER.test(url)
    ? []
    : [
        `oidcProvider.url: ${url} is not GitHub's issuer: anyone who runs it can sign a token for any repository, and assume every role of this config. Write "https://token.actions.githubusercontent.com" unless you trust it as you trust your own account.`,
      ];
  const shared = audiences.flatMap((audience, at) => {
    const whose = AUDIENCES_OF_OTHERS.find(([form]) => form.test(audience))?.[1];
    if (whose === undefined) return [];
    return [
      `oidcProvider.audiences[${at}]: "${audience}" is ${whose}: anyone who receives a job's token for it can log in to AWS with it. Write "sts.amazonaws.com".`,
    ];
  });
  return [...issuer, ...shared].map((message) => ({ id, message }));
}

function functionWarnings(functionConfig: FunctionConfig, path: string): readonly ConfigWarning[] {
  const { name, url, runtime } = functionConfig;
  const ending = ENDING_RUNTIMES.get(runtime);
  return [
    ...selfChangeWarnings({ ...functionConfig, managedPolicyArns: [] }, path).map((message) => ({
      id: `execution-role/${name}`,
      message,
    })),
    ...(ending === undefined
      ? []
      : [
          {
            id: `function/${name}`,
            message: `${path}.runtime: AWS ended the support of ${runtime} on ${ending.deprecated}, and creates no function with it from ${ending.createBlocked} on. Write "${newestRuntime(runtime)}".`,
          },
        ]),
    ...(url?.authType !== 'NONE'
      ? []
      : [
          {
            id: `function-url/${name}`,
            message: `${path}.url: the URL is public: anyone can call ${name}, at your cost; neither CORS nor reserved concurrency prevents that. Set an alert in AWS Budgets, or leave "url" out.`,
            isExposure: true as const,
          },
          ...concurrencyWarnings(functionConfig, path),
        ]),
  ];
}

/** Per month, for all functions in an account; https://aws.amazon.com/lambda/pricing/ */
const FREE_GB_SECONDS = 400_000;

const SECONDS_OF_A_DAY = 86_400;

/** Lambda's default if the config does not set the memory. */
const DEFAULT_MEMORY_MB = 128;

/** A public URL with only the account's concurrency limit, which is 1000 by default. */
function concurrencyWarnings({ name, memoryMb, reservedConcurrency }: FunctionConfig, path: string) {
  if (reservedConcurrency !== undefined) return [];
  const memory = memoryMb ?? DEFAULT_MEMORY_MB;
  const days = Math.floor(FREE_GB_SECONDS / (memory / 1_024) / SECONDS_OF_A_DAY);
  const span =
    days >= 31 ? 'around the clock' : `for ${days === 0 ? 'less than a day' : days === 1 ? '1 day' : `${days} days`}`;
  return [
    {
      id: `function-url/${name}`,
      message: `${path}.reservedConcurrency: nothing limits how many calls of the public URL run at once. At ${memory} MB, the free tier (400,000 GB-seconds a month) covers 1 of them ${span}. Write a limit, for example "reservedConcurrency": 5.`,
    },
  ];
}
