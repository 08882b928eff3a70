import { isKeyAlias } from '../aws/arns.ts';
import { choiceHint } from '../closest.ts';
import type { Config } from '../config/schema.ts';
import type { Value } from '../engine/terraform.ts';
import { CrcError } from '../errors.ts';
import { jsonText } from '../json.ts';
import { DEFAULT_WORKSPACE_PREFIX } from '../policies/terraform.ts';
import { block, valueText } from './hcl.ts';

/** The arguments of Terraform's S3 backend (https://developer.hashicorp.com/terraform/language/backend/s3). */
export interface Backend {
  readonly bucket: string;
  readonly key: string;
  readonly workspace_key_prefix?: string;
  readonly region: string;
  readonly encrypt?: true;
  readonly kms_key_id?: string;
  readonly allowed_account_ids?: readonly string[];
  readonly dynamodb_table?: string;
  readonly use_lockfile?: true;
  readonly use_path_style?: true;
  readonly endpoints?: { readonly dynamodb?: string; readonly iam: string; readonly s3: string; readonly sts: string };
}

type BackendConfig = Pick<Config, 'accountId' | 'stateBucket' | 'lockTable' | 'roles'>;

/** A config with roles that use states. */
interface WithStates {
  readonly roles: readonly Pick<Config['roles'][number], 'state'>[];
}

/** The workspace prefix of a state in the config. */
export function workspacePrefixOf({ roles }: WithStates, key: string): string {
  const entry = roles.flatMap(({ state }) => state).find((candidate) => candidate.key === key);
  return entry?.workspaceKeyPrefix ?? DEFAULT_WORKSPACE_PREFIX;
}

/** The keys of all states in the config's roles, in order. */
export function stateKeys({ roles }: WithStates): readonly string[] {
  return [...new Set(roles.flatMap(({ state }) => state.map(({ key }) => key)))];
}

/** The requested key, or the only one. `flag` takes a key, if it is not an argument. @throws CrcError that lists the keys. */
export function chosenKey(config: WithStates, requested: string | undefined, flag?: string): string {
  const keys = stateKeys(config);
  const [only] = keys;
  if (requested !== undefined && keys.includes(requested)) return requested;
  if (requested === undefined && only !== undefined && keys.length === 1) return only;
  if (keys.length === 0) {
    throw new CrcError('No role in the config has a state.', {
      hint: 'Add one to a role: "state": [{ "key": "project/terraform.tfstate", "access": "write" }].',
    });
  }
  throw new CrcError(
    requested === undefined ? `The config has ${keys.length} states.` : `The config has no state "${requested}".`,
    { hint: choiceHint(requested === undefined ? [] : [requested], keys, flag) },
  );
}

/**
 * The backend of one state. Locks in the lock table if there is one, else with the S3 lock file; with `lockFile`, in
 * both. `endpoint` is an emulator's, which is then used for every service of the backend.
 */
export function backendOf(config: BackendConfig, key: string, endpoint: string | undefined): Backend {
  const { accountId, stateBucket, lockTable } = config;
  const { algorithm, keyArn } = stateBucket.encryption;
  // Terraform does not accept aliases (https://developer.hashicorp.com/terraform/language/backend/s3#kms_key_id), but
  // the bucket has the key itself.
  const kms = algorithm === 'aws:kms' && keyArn !== undefined && !isKeyAlias(keyArn) ? keyArn : undefined;
  const prefix = workspacePrefixOf(config, key);
  return {
    bucket: stateBucket.name,
    key,
    workspace_key_prefix: prefix === DEFAULT_WORKSPACE_PREFIX ? undefined : prefix,
    region: stateBucket.region,
    // `encrypt` without a key requests AES256, and with one aws:kms. Both would override a different default encryption
    // of the bucket: the AWS managed KMS key, which Terraform does not accept by alias, or aws:kms:dsse.
    encrypt: algorithm === 'AES256' || kms !== undefined ? (true as const) : undefined,
    kms_key_id: kms,
    allowed_account_ids: accountId === undefined ? undefined : [accountId],
    dynamodb_table: lockTable?.name,
    use_lockfile: lockTable === undefined || lockTable.lockFile ? (true as const) : undefined,
    ...(endpoint === undefined
      ? {}
      : {
          use_path_style: true as const,
          endpoints: {
            dynamodb: lockTable === undefined ? undefined : endpoint,
            iam: endpoint,
            s3: endpoint,
            sts: endpoint,
          },
        }),
  };
}

/** The block for a `.tf` file. */
export function backendHcl(backend: Backend): string {
  const inner = { type: 'backend', labels: ['s3'], arguments: values(backend) };
  return block({ type: 'terraform', blocks: [inner] });
}

/** The block in Terraform's JSON syntax, for a `.tf.json` file. */
export function backendJson(backend: Backend): string {
  return jsonText({ terraform: { backend: { s3: backend } } });
}

/** One line per argument of `terraform init`. Needs no shell quotes, since no value contains a space. */
export function backendArgs(backend: Backend): string {
  // HCL accepts commas instead of line breaks in an object.
  const flat = (value: Value) =>
    valueText(value)
      .replace(/\s*\n\s*/g, ',')
      .replace('{,', '{')
      .replace(',}', '}')
      .replace(/\s/g, '');
  return Object.entries(values(backend))
    .map(([name, value]) => `-backend-config=${name}=${typeof value === 'string' ? value : flat(value)}`)
    .join('\n');
}

function values(backend: Backend): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(backend).flatMap(([name, value]) => (value === undefined ? [] : [[name, value as Value]])),
  );
}
