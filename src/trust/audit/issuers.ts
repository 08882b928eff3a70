import { type ClaimKeys, GITHUB_CLAIMS } from '../condition-keys.ts';
import { gitHub } from './github-subjects.ts';
import { bitbucket, buildkite, circleCi, gitLab, terraformCloud } from './other-subjects.ts';
import type { Scope, SubjectReader } from './scope.ts';

/** A CI platform whose tokens AWS accepts. */
export interface Platform {
  readonly id: 'github' | 'gitlab' | 'bitbucket' | 'circleci' | 'terraform-cloud' | 'buildkite';
  readonly name: string;
  /** The platform's word for a project: `repository`. */
  readonly project: string;
  /** The level above a project: `owner`. */
  readonly owner: string;
  /** The audience of its tokens for AWS, as documented by the platform; undefined if it differs between customers. */
  readonly audience: string | undefined;
  /**
   * The claims that IAM supports as condition keys, without the issuer prefix; `sub` and `aud` are always supported.
   * From the Service Authorization Reference of AWS STS:
   * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
   */
  readonly claims: ClaimKeys;
  /** The claims with the ids of the owner and the project. Unlike names, ids cannot be registered again by others. */
  readonly ids: { readonly owner: string; readonly project: string } | undefined;
  readonly read: SubjectReader;
  /** The subject of one project, with uppercase placeholders. */
  readonly example: string;
  /** The platform's documentation of its tokens. */
  readonly source: string;
}

/** One identity provider of a platform. */
export interface Issuer {
  readonly platform: Platform;
  /** The prefix of its condition keys: its URL without `https://`. */
  readonly prefix: string;
  /** The platform's example subject, with the customer filled in from the URL. */
  readonly example: string;
  /** The customer that the URL limits tokens to; undefined for an issuer shared by all customers. */
  readonly tenant: string | undefined;
  /** AWS may not trust its certificate authority, in which case it checks thumbprints. */
  readonly selfHosted: boolean;
}

/**
 * The audience of tokens for AWS: the documented one, unless the provider lacks it and has a single other one, as in
 * China. An uppercase placeholder if it differs between customers and the provider does not show it.
 */
export function audienceFor({ platform }: Pick<Issuer, 'platform'>, audiences: readonly string[] = []): string {
  const { audience } = platform;
  if (audience !== undefined && audiences.includes(audience)) return audience;
  const [only] = audiences;
  return (audiences.length === 1 ? only : undefined) ?? audience ?? 'AUDIENCE';
}

/** The widest scope that tokens of an issuer can have. */
export function widest({ tenant }: Pick<Issuer, 'tenant'>): Scope {
  return tenant === undefined ? 'anyone' : 'owner';
}

const NO_CLAIMS: ClaimKeys = { always: [], sometimes: [] };

const GITHUB: Platform = {
  id: 'github',
  name: 'GitHub',
  project: 'repository',
  owner: 'owner',
  audience: 'sts.amazonaws.com',
  claims: GITHUB_CLAIMS,
  ids: { owner: 'repository_owner_id', project: 'repository_id' },
  read: gitHub,
  example: 'repo:OWNER/REPOSITORY:ref:refs/heads/BRANCH',
  source: 'https://docs.github.com/en/actions/reference/security/oidc',
};

const GITLAB: Platform = {
  id: 'gitlab',
  name: 'GitLab',
  project: 'project',
  owner: 'group',
  audience: undefined,
  claims: {
    always: ['namespace_id', 'pipeline_source', 'project_id', 'ref_protected', 'user_email', 'user_id', 'user_login'],
    sometimes: ['runner_environment', 'user_access_level'],
  },
  ids: { owner: 'namespace_id', project: 'project_id' },
  read: gitLab,
  example: 'project_path:GROUP/PROJECT:ref_type:branch:ref:BRANCH',
  source: 'https://docs.gitlab.com/ci/cloud_services/aws/',
};

const BITBUCKET: Platform = {
  id: 'bitbucket',
  name: 'Bitbucket',
  project: 'repository',
  owner: 'workspace',
  audience: undefined,
  claims: NO_CLAIMS,
  ids: undefined,
  read: bitbucket,
  example: '{REPOSITORY_UUID}:*',
  source: 'https://support.atlassian.com/bitbucket-cloud/docs/deploy-on-aws-using-bitbucket-pipelines-openid-connect/',
};

const CIRCLECI: Platform = {
  id: 'circleci',
  name: 'CircleCI',
  project: 'project',
  owner: 'organization',
  audience: undefined,
  claims: { always: ['oidc.circleci.com/project-id'], sometimes: [] },
  ids: undefined,
  read: circleCi,
  example: 'org/ORGANIZATION_ID/project/PROJECT_ID/user/*',
  source: 'https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/',
};

const TERRAFORM_CLOUD: Platform = {
  id: 'terraform-cloud',
  name: 'HCP Terraform',
  project: 'project',
  owner: 'organization',
  audience: 'aws.workload.identity',
  claims: NO_CLAIMS,
  ids: undefined,
  read: terraformCloud,
  example: 'organization:ORGANIZATION:project:PROJECT:workspace:WORKSPACE:run_phase:apply',
  source:
    'https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/aws-configuration',
};

const BUILDKITE: Platform = {
  id: 'buildkite',
  name: 'Buildkite',
  project: 'pipeline',
  owner: 'organization',
  audience: 'sts.amazonaws.com',
  claims: {
    always: ['build_branch', 'organization_id', 'organization_slug', 'pipeline_id', 'pipeline_slug'],
    sometimes: ['cluster_id', 'cluster_name'],
  },
  ids: { owner: 'organization_id', project: 'pipeline_id' },
  read: buildkite,
  example: 'organization:ORGANIZATION:pipeline:PIPELINE:ref:refs/heads/BRANCH:*',
  source: 'https://buildkite.com/docs/pipelines/security/oidc/aws',
};

/** Issuers by their URL without `https://`; the capture group is the customer that the URL limits tokens to. */
const ISSUERS: readonly {
  readonly url: RegExp;
  readonly platform: Platform;
  readonly tenant?: (limit: string) => string;
  readonly selfHosted?: true;
}[] = [
  { url: /^token\.actions\.githubusercontent\.com$/, platform: GITHUB },
  // Enterprises with a slug in their issuer, and self-hosted ones.
  {
    url: /^token\.actions\.githubusercontent\.com\/([^/]+)$/,
    platform: GITHUB,
    tenant: (slug) => `the enterprise ${slug}`,
  },
  { url: /^token\.actions\.([^/]+)\.ghe\.com$/, platform: GITHUB, tenant: (name) => `the enterprise ${name}` },
  {
    url: /^([^/]+)\/_services\/token$/,
    platform: GITHUB,
    tenant: (host) => `the GitHub server ${host}`,
    selfHosted: true,
  },
  { url: /^gitlab\.com$/, platform: GITLAB },
  {
    url: /^(gitlab\.[^/]+|[^/]+\.gitlab-dedicated\.com)(?:\/.*)?$/,
    platform: GITLAB,
    tenant: (host) => `the GitLab server ${host}`,
    selfHosted: true,
  },
  {
    url: /^api\.bitbucket\.org\/2\.0\/workspaces\/([^/]+)\/pipelines-config\/identity\/oidc$/,
    platform: BITBUCKET,
    tenant: (workspace) => `the workspace ${workspace}`,
  },
  {
    url: /^oidc\.circleci\.com\/org\/([^/]+)$/,
    platform: CIRCLECI,
    tenant: (organization) => `the organization ${organization}`,
  },
  { url: /^app(?:\.eu)?\.terraform\.io$/, platform: TERRAFORM_CLOUD },
  { url: /^agent\.buildkite\.com$/, platform: BUILDKITE },
];

export const PLATFORMS: readonly Platform[] = [GITHUB, GITLAB, BITBUCKET, CIRCLECI, TERRAFORM_CLOUD, BUILDKITE];

/** The CI platform behind an identity provider; undefined for any other provider, such as a cluster or a user pool. */
export function issuerOfArn(providerArn: string): Issuer | undefined {
  const prefix = /^arn:[^:]+:iam::\d{12}:oidc-provider\/(.+)$/.exec(providerArn)?.[1];
  if (prefix === undefined) return undefined;
  for (const { url, platform, tenant, selfHosted } of ISSUERS) {
    // AWS treats a URL with a trailing slash as a different provider, which matches no token. To a reader it is the
    // same.
    const match = url.exec(prefix.replace(/\/+$/, '').toLowerCase());
    if (match !== null) {
      const [, customer = ''] = match;
      const example = platform.example.replace('ORGANIZATION_ID', customer);
      return { platform, prefix, example, tenant: tenant?.(customer), selfHosted: selfHosted ?? false };
    }
  }
  return undefined;
}
