import {
  type Architecture,
  CreateFunctionCommand,
  TagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { grant } from '../../aws/actions.ts';
import { ALIAS, functionArn } from '../../aws/arns.ts';
import type { Clients } from '../../aws/clients.ts';
import { uploadTimeout } from '../../aws/deadlines.ts';
import { readTogether } from '../../aws/read-together.ts';
import { type Resource, resource } from '../../engine/resource.ts';
import type { Actions, Live, Meaning, Spec, UnlistedPart } from '../../engine/types.ts';
import type { Json } from '../../json.ts';
import { statementsOn } from '../../policies/strangers.ts';
import type { Context } from '../context.ts';
import type { RoleTarget } from '../role/calls.ts';
import { ownershipOf, type Tags } from '../tags.ts';
import { deleteFunction, type FunctionCalls } from './calls.ts';
import { reserveConcurrency } from './concurrency.ts';
import {
  CONTAINER_IMAGE,
  type ConfigurationFacts,
  configurationInput,
  type FunctionSettings,
  isConfigured,
  liveConfiguration,
  wantedConfiguration,
} from './configuration.ts';
import { alreadyExists, brokenFunction } from './errors.ts';
import type { ManagedRole } from './lost-role.ts';
import type { DeployedPackage } from './package.ts';
import { functionPolicy } from './policy.ts';
import { tagsOf } from './tags.ts';
import { LEFT_OUT } from './terraform.ts';
import { unlistedUrl } from './unlisted-url.ts';
import { functionWarnings, permissionWarnings } from './warnings.ts';

export interface LambdaFunctionInput {
  /** `function/NAME` */
  readonly id: string;
  readonly needs: readonly string[];
  readonly settings: FunctionSettings;
  /** Reserved concurrent executions; undefined if not managed. */
  readonly reservedConcurrency: number | undefined;
  readonly code: DeployedPackage;
  /** Id of the resource that also checks the package, if that one is written. */
  readonly codeId: string;
  readonly calls: FunctionCalls;
  /** The role in `settings`, if crc manages it; undefined for an existing role. */
  readonly managedRole: ManagedRole | undefined;
  /** Whether to check the alias's policy along with the function's. Without a URL no other resource reads it. */
  readonly withAliasPolicy: boolean;
}

type LambdaFunctionFacts = ConfigurationFacts & { readonly tags: Tags; readonly reservedConcurrency: number | null };

interface Target extends Pick<LambdaFunctionInput, 'settings' | 'code' | 'calls'> {
  readonly lambda: Clients['lambda'];
  readonly arn: string;
}

/** A Lambda function: its settings on $LATEST. What is served publicly is a version, which `function-code` manages. */
export function lambdaFunction(input: LambdaFunctionInput, { clients, place, tags, signal }: Context): Resource {
  const { id, needs, settings, reservedConcurrency, code, codeId, calls, withAliasPolicy } = input;
  const { lambda } = clients;
  const { name } = settings;
  const arn = functionArn(place, name);
  const target: Target = { lambda, arn, settings, code, calls };
  /** One call sets the whole configuration. */
  const configure = (_: unknown, { facts }: Live<LambdaFunctionFacts, null>) =>
    updateConfiguration(target, facts.settings.role);

  /** Created by this run and not read since: it has no policy yet, so there is no need to wait for that read. */
  let created = false;

  /**
   * The permissions that the function loses with its current role. Read for an adoption, since its plan is the last
   * chance to show them.
   */
  let lost: Meaning | undefined;

  async function openAccess(): Promise<OpenAccess> {
    const isNew = created;
    created = false;
    return isNew ? NOTHING_OPEN : await openAccessTo(target, place.accountId, withAliasPolicy);
  }

  const spec: Spec<LambdaFunctionFacts, null> = {
    id,
    type: 'AWS::Lambda::Function',
    name,
    needs,
    want: { tags, ...wantedConfiguration(settings), reservedConcurrency: reservedConcurrency ?? null },
    brief: BRIEF,
    meaning: { settings: ({ role }, path) => (path === 'settings.role' ? roleMeaning(role, lost) : undefined) },
    async read() {
      const [live, open] = (await readTogether(calls.latest(), [openAccess()])) ?? [undefined, NOTHING_OPEN];
      if (live?.Configuration === undefined) {
        await code.check(id, { unless: codeId });
        return undefined;
      }
      if (live.Configuration.State === 'Failed') throw brokenFunction(name, live.Configuration);
      const { own, foreign } = ownershipOf(tagsOf(live, arn), tags);
      const facts = liveConfiguration(settings, live.Configuration);
      if (foreign !== undefined) lost = await lostRights({ iam: clients.iam, signal }, facts.settings.role, input);
      const reserved = live.Concurrency?.ReservedConcurrentExecutions ?? null;
      return {
        facts: { tags: own, ...facts, reservedConcurrency: reservedConcurrency === undefined ? null : reserved },
        foreign,
        unlisted: open.unlisted,
        warnings: [...functionWarnings(live.Configuration), ...open.warnings],
        details: null,
      };
    },
    async create() {
      await createFunction(target, id, tags);
      created = true;
      return undefined;
    },
    set: {
      tags: async (want) => {
        await calls.write(() => lambda.send(new TagResourceCommand({ Resource: arn, Tags: want })));
      },
      settings: { set: configure, refuse: ({ runtime }) => refuseContainer(name, runtime) },
      environment: configure,
      // The architecture is set with the code: UpdateFunctionConfiguration does not accept it.
      architecture: (want) => updateArchitecture(target, want as Architecture),
      reservedConcurrency: async (want) => {
        if (want !== null) await reserveConcurrency(lambda, calls, name, want);
      },
    },
    removal: async () => ({
      notes: ['its versions will be deleted with it'],
      remove: () => deleteFunction(name, lambda, calls),
    }),
    // Only a URL, which belongs to `function-url`, is an address; without one it is listed as empty.
    address: { label: `url ${name}`, path: ['functions', name, 'url'], value: null },
    terraform: LEFT_OUT,
    actions: actionsOf(input, arn),
  };
  return resource(spec);
}

const BRIEF: Spec<LambdaFunctionFacts>['brief'] = {
  settings: ({ runtime, memoryMb, timeoutSeconds }) =>
    [
      runtime,
      ...(memoryMb === null ? [] : [`${memoryMb} MB`]),
      ...(timeoutSeconds === null ? [] : [`timeout ${timeoutSeconds} s`]),
    ].join(', '),
  environment: (values) => {
    const names = Object.keys(values);
    return names.length === 0 ? undefined : `environment ${names.join(', ')}`;
  },
  architecture: (architecture) => architecture ?? undefined,
  reservedConcurrency: (reserved) => (reserved === null ? undefined : `at most ${reserved} at once`),
};

/**
 * What replacing a function's role means: it loses every permission that the new role does not grant. `lost`: these
 * permissions, if they could be read.
 */
function roleMeaning(liveRole: string | null, lost: Meaning | undefined): Meaning | undefined {
  if (liveRole === null) return undefined;
  if (lost !== undefined) return lost;
  return { why: `the function loses the rights of that role that the new one does not have; ${keepRole(liveRole)}` };
}

async function lostRights(
  target: Omit<RoleTarget, 'name'>,
  liveRole: string | null,
  { settings, managedRole }: LambdaFunctionInput,
): Promise<Meaning | undefined> {
  if (managedRole === undefined || liveRole === null || liveRole === settings.roleArn) return undefined;
  // Rarely needed, so loaded lazily.
  const { lostWithRole } = await import('./lost-role.ts');
  const name = liveRole.slice(liveRole.lastIndexOf('/') + 1);
  return await lostWithRole({ ...target, name }, managedRole, keepRole(liveRole));
}

function keepRole(liveRole: string): string {
  return `to keep the role, write "role": "${liveRole}"`;
}

function refuseContainer(name: string, runtime: string | null): string | undefined {
  if (runtime !== CONTAINER_IMAGE) return undefined;
  return `Lambda cannot change a container image function to a zip package; choose another name in the config, or delete ${name} yourself if nothing uses it`;
}

/** Permissions for others on the function itself, and on its alias if `function-url` does not check that. */
interface OpenAccess {
  readonly unlisted: readonly UnlistedPart[];
  readonly warnings: readonly string[];
}

const NOTHING_OPEN: OpenAccess = { unlisted: [], warnings: [] };

/**
 * crc sets no permissions on the function itself, and on the alias only for a URL. Any other belongs to another tool,
 * or to a URL that is not in the config.
 */
async function openAccessTo(
  { lambda, calls, arn, settings: { name } }: Target,
  accountId: string,
  withAliasPolicy: boolean,
): Promise<OpenAccess> {
  const on = async (what: string, of: string, policy: Json, alias?: string): Promise<OpenAccess> => {
    const { unlisted, restOfPolicy } = await unlistedUrl({ lambda, calls, functionName: name, alias, arn: of, policy });
    return { unlisted, warnings: permissionWarnings(restOfPolicy, { what, arn: of, accountId }) };
  };
  const ofFunction = async () => on('the function', arn, statementsOn(await functionPolicy(lambda, name), arn));
  const ofAlias = async () => {
    if (!withAliasPolicy) return NOTHING_OPEN;
    const policy = await functionPolicy(lambda, name, ALIAS);
    return await on(`the alias "${ALIAS}"`, `${arn}:${ALIAS}`, policy, ALIAS);
  };
  const open = await Promise.all([ofFunction(), ofAlias()]);
  return { unlisted: open.flatMap(({ unlisted }) => unlisted), warnings: open.flatMap(({ warnings }) => warnings) };
}

async function createFunction({ lambda, calls, code, settings }: Target, id: string, tags: Tags): Promise<void> {
  const built = await code.build();
  code.announce(id, built);
  const call = new CreateFunctionCommand({
    FunctionName: settings.name,
    ...configurationInput(settings),
    Code: { ZipFile: built.zip },
    Architectures: settings.architecture === undefined ? undefined : [settings.architecture],
    Tags: tags,
    // Published later, when everything is in place.
    Publish: false,
  });
  await calls
    .write(() => lambda.send(call, { requestTimeout: uploadTimeout(built.zip.length) }))
    .catch((error: unknown) => {
      if (!alreadyExists(error)) throw error;
    });
  await calls.ready();
}

async function updateConfiguration({ lambda, calls, settings }: Target, liveRole: string | null): Promise<void> {
  const { Role, ...input } = configurationInput(settings);
  // Sending the role requires iam:PassRole even if it is unchanged, and CI roles do not have that permission.
  const role = liveRole === Role ? {} : { Role };
  await calls.change(
    (RevisionId) =>
      lambda.send(
        new UpdateFunctionConfigurationCommand({ FunctionName: settings.name, RevisionId, ...role, ...input }),
      ),
    { done: (now) => isConfigured(settings, now) },
  );
  await calls.ready();
}

async function updateArchitecture({ lambda, calls, code, settings }: Target, want: Architecture): Promise<void> {
  const built = await code.build();
  const input = { FunctionName: settings.name, ZipFile: built.zip, Architectures: [want] };
  await calls.change(
    (RevisionId) =>
      lambda.send(new UpdateFunctionCodeCommand({ ...input, RevisionId }), {
        requestTimeout: uploadTimeout(built.zip.length),
      }),
    { done: (now) => now.Architectures?.[0] === want && now.CodeSha256 === built.sha256 },
  );
  await calls.ready();
}

function actionsOf({ settings, reservedConcurrency, withAliasPolicy }: LambdaFunctionInput, arn: string): Actions {
  const reserving = reservedConcurrency === undefined ? [] : [grant('lambda', ['PutFunctionConcurrency'], arn)];
  const unlistedIn = [arn, ...(withAliasPolicy ? [`${arn}:${ALIAS}`] : [])];
  return {
    read: [
      grant('lambda', ['GetFunction', 'ListTags'], arn),
      grant('lambda', ['GetPolicy', 'GetFunctionUrlConfig'], ...unlistedIn),
    ],
    remove: [grant('lambda', ['DeleteFunction'], arn)],
    deploy: [grant('lambda', ['UpdateFunctionConfiguration', 'UpdateFunctionCode'], arn)],
    write: [
      grant('lambda', ['CreateFunction', 'UpdateFunctionConfiguration', 'UpdateFunctionCode', 'TagResource'], arn),
      ...reserving,
      // A public URL that is not in the config, with --prune.
      grant('lambda', ['DeleteFunctionUrlConfig', 'RemovePermission'], ...unlistedIn),
      // Assigning a role to a function requires iam:PassRole, which appears in no request.
      {
        actions: ['iam:PassRole'],
        resources: [settings.roleArn],
        condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
      },
    ],
  };
}
