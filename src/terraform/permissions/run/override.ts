import { type Block, Expression } from '../../../engine/terraform.ts';
import { block } from '../../hcl.ts';
import type { SourceBlock } from '../../source/parse.ts';
import type { Module } from './module.ts';

/**
 * Terraform reads override files last, in the order of their names, each over the ones before:
 * https://developer.hashicorp.com/terraform/language/files/override
 */
export const OVERRIDE_FILE = 'zzzz_crc_override.tf';

export interface OverrideInput {
  /** An absolute path for the state of the run. */
  readonly state: string;
  /** Whether it is the module in which Terraform runs. */
  readonly isRoot: boolean;
}

/**
 * What must be overridden in a copied module for a run against an emulator: a local state, providers without profiles
 * and endpoints, and resources that can be destroyed. Undefined if nothing must.
 */
export function overrideOf(module: Module, { state, isRoot }: OverrideInput): string | undefined {
  const blocks = [
    ...(isRoot ? [localBackend(state)] : []),
    ...providers(module, isRoot),
    ...module.blocks.filter(isProtected).map(unprotected),
  ];
  return blocks.length === 0 ? undefined : `${blocks.map((override) => block(override)).join('\n\n')}\n`;
}

function localBackend(state: string): Block {
  return {
    type: 'terraform',
    blocks: [
      {
        type: 'backend',
        labels: ['local'],
        arguments: { path: `${state}/terraform.tfstate`, workspace_dir: `${state}/workspaces` },
      },
    ],
  };
}

/** Provider arguments that lead to a real account, its credentials or its network, or reject all accounts but one. */
const LEADING_OUT = [
  'profile',
  'access_key',
  'secret_key',
  'token',
  'shared_config_files',
  'shared_credentials_files',
  'shared_credentials_file',
  'allowed_account_ids',
  'forbidden_account_ids',
  'use_fips_endpoint',
  'use_dualstack_endpoint',
  'http_proxy',
  'https_proxy',
  'custom_ca_bundle',
  'ec2_metadata_service_endpoint',
];

/** Provider blocks with the same effect. `assume_role` is kept, since assuming the role needs a permission too. */
const LEADING_OUT_BLOCKS = ['endpoints', 'assume_role_with_web_identity'];

function providers(module: Module, isRoot: boolean): readonly Block[] {
  const names = awsNames(module);
  const own = module.blocks.filter(({ type, labels: [name = ''] }) => type === 'provider' && names.has(name));
  // In a called module, a provider block without arguments only declares a provider that is passed in.
  const overrides = own.filter((configured) => isRoot || isConfigured(configured)).map(provider);
  const hasDefault = own.some(({ arguments: { alias } }) => alias === undefined);
  const usesAws = module.blocks.some(
    ({ type, labels: [name = ''] }) =>
      type === 'module' || ((type === 'resource' || type === 'data') && /^aws_/.test(name)),
  );
  if (!isRoot || hasDefault || !(usesAws || own.length > 0)) return overrides;
  return [...overrides, provider({ labels: ['aws'], arguments: {}, blocks: [] })];
}

function isConfigured({ arguments: { alias: _, ...given }, blocks }: SourceBlock): boolean {
  return Object.keys(given).length > 0 || blocks.length > 0;
}

type ProviderBlock = Pick<SourceBlock, 'labels' | 'arguments' | 'blocks'>;

function provider({ labels: [name = 'aws'], arguments: given, blocks }: ProviderBlock): Block {
  const inner = blocks.map(({ type, labels: [label] }) => (type === 'dynamic' ? label : type));
  const alias = given.alias?.value;
  return {
    type: 'provider',
    labels: [name],
    arguments: {
      alias: typeof alias === 'string' ? alias : undefined,
      s3_use_path_style: true,
      ...Object.fromEntries(
        LEADING_OUT.filter((argument) => argument in given).map((argument) => [argument, new Expression('null')]),
      ),
    },
    // A block in an override file replaces all blocks of its type; this one expands to none.
    blocks: LEADING_OUT_BLOCKS.filter((type) => inner.includes(type)).map((type) => ({
      type: 'dynamic',
      labels: [type],
      arguments: { for_each: [] },
      blocks: [{ type: 'content' }],
    })),
  };
}

/** In Terraform's language or in JSON. */
const AWS_SOURCE = /\bsource"?\s*[=:]\s*"(?:[\w.-]+\/)?hashicorp\/aws"/;

/** Local names of the AWS provider: `aws`, and those in `required_providers`. */
function awsNames({ blocks }: Module): ReadonlySet<string> {
  const required = blocks
    .filter(({ type }) => type === 'terraform')
    .flatMap(({ blocks: inner }) => inner.filter(({ type }) => type === 'required_providers'));
  const renamed = required.flatMap(({ arguments: given }) =>
    // Checks the text rather than the value: `configuration_aliases` next to the source refers to providers, so the
    // object is not a literal.
    Object.entries(given).flatMap(([name, { text }]) => (AWS_SOURCE.test(text) ? [name] : [])),
  );
  return new Set(['aws', ...renamed]);
}

function isProtected({ type, blocks }: SourceBlock): boolean {
  return (
    type === 'resource' &&
    blocks.some((inner) => inner.type === 'lifecycle' && inner.arguments.prevent_destroy?.value === true)
  );
}

function unprotected({ type, labels }: SourceBlock): Block {
  return { type, labels, blocks: [{ type: 'lifecycle', arguments: { prevent_destroy: false } }] };
}
