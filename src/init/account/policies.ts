import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { DEFAULT_WORKSPACE_PREFIX } from '../../policies/terraform.ts';

/** An inline policy of a role as stored in IAM. */
export interface InlinePolicy {
  readonly name: string;
  readonly document: Json;
}

export interface ReadState {
  readonly key: string;
  readonly access: 'read' | 'write';
  readonly workspaceKeyPrefix?: string;
}

/** The inline policies of a role in the config's terms. */
export interface ReadPolicies {
  /** Undefined if the role has none. */
  readonly policyName: string | undefined;
  readonly state: readonly ReadState[];
  readonly crc: readonly string[];
  readonly statements: readonly JsonObject[];
  readonly inlinePolicies: Readonly<Record<string, readonly JsonObject[]>>;
}

/** The name of the policy that crc creates. */
export const USUAL_POLICY = 'TerraformPolicy';

/** Names of statements that follow from a role's states. */
const OF_STATES =
  /^Crc(ListState|ReadState|WriteState|DeleteWorkspaceState|LockFile|ReadDigest|DescribeLockTable|LockTable|StateKey)$/;
/** Names of statements that follow from the crc commands that a role may run. */
const OF_COMMANDS = /^CrcCommand\d+$/;

/** The permissions by which each crc command is recognized. */
const ONLY_OF: Readonly<Record<string, string>> = {
  verify: 's3:GetEncryptionConfiguration',
  'deploy-function': 'lambda:UpdateFunctionCode',
  'state-check': 's3:GetObjectVersion',
  audit: 'iam:GetAccountAuthorizationDetails',
};

/** Separates statements written by crc from those of other owners, which are kept word for word. */
export function policiesOf(policies: readonly InlinePolicy[], bucketArn: string): ReadPolicies {
  const main = policies.find(isOfCrc) ?? policies.find(({ name }) => name === USUAL_POLICY) ?? policies[0];
  const all = main === undefined ? [] : statementsIn(main.document);
  return {
    policyName: main?.name,
    state: statesOf(all, bucketArn),
    crc: commandsOf(all),
    statements: all.filter(({ Sid }) => !OF_STATES.test(String(Sid)) && !OF_COMMANDS.test(String(Sid))),
    inlinePolicies: Object.fromEntries(
      policies.filter((policy) => policy !== main).map(({ name, document }) => [name, statementsIn(document)]),
    ),
  };
}

function isOfCrc({ document }: InlinePolicy): boolean {
  return statementsIn(document).some(({ Sid }) => OF_STATES.test(String(Sid)) || OF_COMMANDS.test(String(Sid)));
}

function statementsIn(document: Json): readonly JsonObject[] {
  if (!isJsonObject(document)) return [];
  return [document.Statement ?? []].flat().filter(isJsonObject);
}

/** The states that a role may use: each key is listed next to the pattern of its workspaces, `PREFIX/WORKSPACE/KEY`. */
function statesOf(statements: readonly JsonObject[], bucketArn: string): readonly ReadState[] {
  const keysIn = (sid: string) =>
    statements
      .filter(({ Sid }) => Sid === sid)
      .flatMap(({ Resource }) => texts(Resource))
      .filter((arn) => arn.startsWith(`${bucketArn}/`))
      .map((arn) => arn.slice(bucketArn.length + 1));
  const read = keysIn('CrcReadState');
  const written = keysIn('CrcWriteState');
  return read
    .filter((key) => !key.includes('*'))
    .map((key) => {
      const workspaces = read.find((pattern) => pattern.endsWith(`/*/${key}`));
      const prefix = workspaces?.slice(0, -`/*/${key}`.length);
      return {
        key,
        access: written.includes(key) ? 'write' : 'read',
        ...(prefix === undefined || prefix === DEFAULT_WORKSPACE_PREFIX ? {} : { workspaceKeyPrefix: prefix }),
      };
    });
}

function commandsOf(statements: readonly JsonObject[]): readonly string[] {
  const actions = statements.filter(({ Sid }) => OF_COMMANDS.test(String(Sid))).flatMap(({ Action }) => texts(Action));
  return Object.entries(ONLY_OF).flatMap(([command, action]) => (actions.includes(action) ? [command] : []));
}

function texts(value: Json | undefined): readonly string[] {
  return [value ?? []].flat().filter((entry) => typeof entry === 'string');
}
