import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { DEFAULT_WORKSPACE_PREFIX } from '../../policies/terraform.ts';

/** An inline policy of a role, as IAM has it. */
export interface InlinePolicy {
  readonly name: string;
  readonly document: Json;
}

export interface ReadState {
  readonly key: string;
  readonly access: 'read' | 'write';
  readonly workspaceKeyPrefix?: string;
}

/** The inline policies of a role, as the config has them. */
export interface ReadPolicies {
  /** Undefined where the role has none. */
  readonly policyName: string | undefined;
  readonly state: readonly ReadState[];
  readonly crc: readonly string[];
  readonly statements: readonly JsonObject[];
  readonly inlinePolicies: Readonly<Record<string, readonly JsonObject[]>>;
}

/** The name that crc gives its policy. */
export const USUAL_POLICY = 'TerraformPolicy';

/** Statements that follow from the states of a role, by their names. */
const OF_STATES =
  /^Crc(ListState|ReadState|WriteState|DeleteWorkspaceState|LockFile|ReadDigest|DescribeLockTable|LockTable|StateKey)$/;
/** Statements that follow from the commands of crc that a role may run. */
const OF_COMMANDS = /^CrcCommand\d+$/;

/** What each command of crc needs, and no other one of them. */
const ONLY_OF: Readonly<Record<string, string>> = {
  verify: 's3:GetEncryptionConfiguration',
  'deploy-function': 'lambda:UpdateFunctionCode',
  'state-check': 's3:GetObjectVersion',
  audit: 'iam:GetAccountAuthorizationDetails',
};

/** Splits what crc itself wrote from the statements of others, which stay word for word. */
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

/** The states that a role may use: each key stands beside the pattern of its workspaces, `PREFIX/WORKSPACE/KEY`. */
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
