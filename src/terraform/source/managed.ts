import { join } from 'node:path';
import { groupBy } from '../../group-by.ts';
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { parsedJson } from '../../parsed-json.ts';
import { regularText } from '../../regular-file.ts';
import { moduleFolder, type SourceFolder, sourceFolders } from './folders.ts';
import type { SourceArgument, SourceBlock } from './parse.ts';

/** An AWS resource: its CloudFormation type and its name. */
export interface NamedResource {
  readonly type: string;
  readonly name: string;
}

/** What a Terraform folder manages of the given resources. */
export interface ManagedInFolder {
  /** Relative to the searched folder, with slashes; `.` for that folder itself. */
  readonly directory: string;
  /** `aws_s3_bucket.state`, `module.state.aws_s3_bucket.this`: sorted, without duplicates. */
  readonly addresses: readonly string[];
  /** `aws_iam_role.this["ci"]`: of resources whose other instances are something else. Only in states. */
  readonly instances: readonly string[];
  /** The resources whose main address is among these. */
  readonly owned: readonly NamedResource[];
  /** `main.tf:12`: resources of these types whose names only Terraform can determine. */
  readonly unsure: readonly string[];
}

/** The states of large projects have tens of megabytes. */
const MAX_STATE_BYTES = 256 * 1024 * 1024;

interface TerraformKind {
  /** The type of the resource itself, and the argument with its name. */
  readonly main: readonly [type: string, argument: string];
  /** Separate Terraform resources for its settings, and the arguments that refer to it. */
  readonly parts: RegExp;
  readonly arguments: readonly string[];
}

/** The identity provider is not included: crc only adds to it, so Terraform may keep managing it. */
const KINDS: Readonly<Record<string, TerraformKind>> = {
  'AWS::S3::Bucket': { main: ['aws_s3_bucket', 'bucket'], parts: /^aws_s3_bucket_(?!object)/, arguments: ['bucket'] },
  'AWS::DynamoDB::Table': {
    main: ['aws_dynamodb_table', 'name'],
    parts: /^aws_dynamodb_table_/,
    arguments: ['table_name'],
  },
  'AWS::IAM::Role': { main: ['aws_iam_role', 'name'], parts: /^aws_iam_role_/, arguments: ['role', 'role_name'] },
  'AWS::Logs::LogGroup': { main: ['aws_cloudwatch_log_group', 'name'], parts: /^$/, arguments: [] },
  'AWS::Lambda::Function': {
    main: ['aws_lambda_function', 'function_name'],
    parts: /^aws_lambda_(alias|function_url|permission|function_event_invoke_config)$/,
    arguments: ['function_name'],
  },
};

/**
 * Finds resources in the Terraform code and local states below a folder. Names are known if they are literals, or
 * variables and locals with literal values; a state contains all of them. States in a bucket are not read. @throws
 * CrcError for a folder that cannot be read.
 */
export async function managedBelow(
  root: string,
  wanted: readonly NamedResource[],
): Promise<readonly ManagedInFolder[]> {
  const folders = await sourceFolders(root);
  const perFolder = await Promise.all(
    folders.map(async (folder) => {
      const inStates = await Promise.all(
        folder.localStates
          .filter((name) => name.endsWith('.tfstate'))
          .map(async (name) => inState(await regularText(join(folder.path, name), MAX_STATE_BYTES), wanted)),
      );
      const stored = inStates.filter(({ addresses, instances }) => addresses.length + instances.length > 0);
      const { addresses, owned, unsure } = inCode(folder, wanted);
      const calls = callersOf(folder, folders);
      return calls.map(({ directory, prefix }) => ({
        directory,
        addresses: [
          ...(prefix === '' ? stored.flatMap((state) => state.addresses) : []),
          ...addresses.map((address) => `${prefix}${address}`),
        ],
        instances: prefix === '' ? stored.flatMap((state) => state.instances) : [],
        owned: [...stored.flatMap((state) => state.owned), ...owned],
        // A state contains every name.
        unsure: stored.length > 0 ? [] : unsure,
      }));
    }),
  );
  return merged(perFolder.flat()).filter(
    ({ addresses, instances, unsure }) => addresses.length + instances.length + unsure.length > 0,
  );
}

/** A folder itself, or the folders that call it as a module, each with the prefix of its addresses. */
function callersOf(
  { directory }: SourceFolder,
  folders: readonly SourceFolder[],
): readonly { readonly directory: string; readonly prefix: string }[] {
  const callers = folders.flatMap((caller) =>
    caller.blocks.flatMap((block) =>
      moduleFolder(block, caller.directory) === directory
        ? [{ directory: caller.directory, prefix: `module.${block.labels[0]}.` }]
        : [],
    ),
  );
  return callers.length === 0 ? [{ directory, prefix: '' }] : callers;
}

function merged(all: readonly ManagedInFolder[]): readonly ManagedInFolder[] {
  return [...groupBy(all, ({ directory }) => directory)].map(([directory, own]) => ({
    directory,
    addresses: [...new Set(own.flatMap(({ addresses }) => addresses))],
    instances: [...new Set(own.flatMap(({ instances }) => instances))],
    owned: [...new Set(own.flatMap(({ owned }) => owned))],
    unsure: [...new Set(own.flatMap(({ unsure }) => unsure))],
  }));
}

function inCode(
  { blocks }: SourceFolder,
  wanted: readonly NamedResource[],
): Omit<ManagedInFolder, 'directory' | 'instances'> {
  const resources = blocks.filter(({ type, labels }) => type === 'resource' && labels.length === 2);
  const values = knownValues(blocks);
  const nameOf = (argument: SourceArgument | undefined) => argument?.value ?? values.get(argument?.text ?? '');
  const unsure: string[] = [];
  const mains = resources.flatMap((block) => {
    const [type = '', label = ''] = block.labels;
    const kind = Object.entries(KINDS).find(([, { main }]) => main[0] === type);
    if (kind === undefined) return [];
    const [cloudType, { main }] = kind;
    const argument = block.arguments[main[1]];
    const name = nameOf(argument);
    if (argument !== undefined && name === undefined && wanted.some(({ type: other }) => other === cloudType)) {
      unsure.push(`${block.file}:${block.line}`);
    }
    const owned = wanted.find((resource) => resource.type === cloudType && resource.name === name);
    return owned === undefined ? [] : [{ address: `${type}.${label}`, kind: kind[1], owned }];
  });
  const parts = mains.flatMap(({ address, kind, owned: { name } }) =>
    resources.flatMap((block) => {
      const [type = '', label = ''] = block.labels;
      const isPart = kind.arguments.some((key) => {
        const argument = block.arguments[key];
        return argument !== undefined && (nameOf(argument) === name || argument.text.startsWith(`${address}.`));
      });
      return kind.parts.test(type) && isPart ? [`${type}.${label}`] : [];
    }),
  );
  return {
    addresses: [...mains.map(({ address }) => address), ...parts],
    owned: mains.map(({ owned }) => owned),
    unsure,
  };
}

/** The values of references: `var.NAME` by its default, `local.NAME` by its value. Variable files may override them. */
function knownValues(blocks: readonly SourceBlock[]): ReadonlyMap<string, Json> {
  const known = blocks.flatMap(({ type, labels: [name], arguments: given }): readonly (readonly [string, Json])[] => {
    if (type === 'locals') {
      return Object.entries(given).flatMap(([key, { value }]) =>
        value === undefined ? [] : [[`local.${key}`, value]],
      );
    }
    const value = type === 'variable' ? given.default?.value : undefined;
    return value === undefined ? [] : [[`var.${name}`, value]];
  });
  return new Map(known);
}

/** An instance of a resource in a state. */
interface StoredInstance {
  /** `module.roles.aws_iam_role.this`: of the resource with all its instances. */
  readonly resource: string;
  /** `module.roles["ci"].aws_iam_role.this[0]` */
  readonly address: string;
  /** The wanted resource that it is, or that it is a setting of. */
  readonly owner: NamedResource | undefined;
  readonly isSetting: boolean;
}

type InState = Pick<ManagedInFolder, 'addresses' | 'instances' | 'owned'>;

/**
 * `removed` blocks have no instance keys, and apply to all instances. So a resource with an instance that is something
 * else is given by instances.
 */
function inState(text: string, wanted: readonly NamedResource[]): InState {
  const groups = [...groupBy(instancesOf(text, wanted), ({ resource }) => resource)].map(([resource, group]) => {
    const own = group.filter(({ owner }) => owner !== undefined);
    return { resource, own, isWhole: own.length === group.length };
  });
  return {
    addresses: groups.filter(({ isWhole }) => isWhole).map(({ resource }) => resource),
    instances: groups.filter(({ isWhole }) => !isWhole).flatMap(({ own }) => own.map(({ address }) => address)),
    owned: groups.flatMap(({ own }) =>
      own.flatMap(({ owner, isSetting }) => (owner === undefined || isSetting ? [] : [owner])),
    ),
  };
}

function instancesOf(text: string, wanted: readonly NamedResource[]): readonly StoredInstance[] {
  const managed = resourcesOf(text).filter(({ mode }) => mode === 'managed');
  return managed.flatMap(({ module, type, name, instances }) => {
    const prefix = typeof module === 'string' ? `${module}.` : '';
    const ownerOf = ({ attributes = null }: JsonObject) =>
      wanted.find((resource) => {
        const kind = KINDS[resource.type];
        if (kind === undefined || !isJsonObject(attributes)) return false;
        const keys = type === kind.main[0] ? [kind.main[1]] : kind.parts.test(String(type)) ? kind.arguments : [];
        return keys.some((key) => attributes[key] === resource.name);
      });
    return [instances ?? []]
      .flat()
      .filter(isJsonObject)
      .map((instance) => {
        const { index_key: key } = instance;
        const owner = ownerOf(instance);
        return {
          resource: `${prefix.replace(/\[[^\]]*\]/g, '')}${type}.${name}`,
          address: `${prefix}${type}.${name}${key === undefined ? '' : `[${JSON.stringify(key)}]`}`,
          owner,
          isSetting: owner !== undefined && type !== KINDS[owner.type]?.main[0],
        };
      });
  });
}

/** Invalid JSON has no resources. */
function resourcesOf(text: string): readonly JsonObject[] {
  const state = parsedJson(text) as Json | undefined;
  return isJsonObject(state) ? [state.resources ?? []].flat().filter(isJsonObject) : [];
}
