import {
  type Architecture,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  TagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { grant } from '../../aws/actions.ts';
import { uploadTimeout } from '../../aws/deadlines.ts';
import { orAbsent } from '../../aws/error-names.ts';
import { ALIAS, functionArn } from '../../aws/names.ts';
import { readTogether } from '../../aws/read-together.ts';
import { type Resource, resource } from '../../engine/resource.ts';
import type { Live, Spec } from '../../engine/types.ts';
import type { Context } from '../context.ts';
import { ownershipOf, type Tags } from '../tags.ts';
import type { FunctionCalls } from './calls.ts';
import {
  CONTAINER_IMAGE,
  type ConfigurationFacts,
  configurationInput,
  type FunctionSettings,
  isConfigured,
  liveConfiguration,
  wantedConfiguration,
} from './configuration.ts';
import { alreadyExists, brokenFunction, NO_SUCH_FUNCTION } from './errors.ts';
import type { DeployedPackage } from './package.ts';
import { functionPolicy } from './policy.ts';
import { tagsOf } from './tags.ts';
import { LEFT_OUT } from './terraform.ts';
import { functionWarnings, permissionWarnings } from './warnings.ts';

export interface LambdaFunctionInput {
  /** `function/NAME` */
  readonly id: string;
  readonly needs: readonly string[];
  readonly settings: FunctionSettings;
  readonly code: DeployedPackage;
  /** Id of the resource that checks the package, if it is written too. */
  readonly codeId: string;
  readonly calls: FunctionCalls;
  /** Whether the alias's policy is looked at with the function's: without a URL nobody else reads it. */
  readonly withAliasPolicy: boolean;
}

type LambdaFunctionFacts = ConfigurationFacts & { readonly tags: Tags };

/** A Lambda function: its settings on $LATEST. What the public is served is a version, and belongs to `function-code`. */
export function lambdaFunction(input: LambdaFunctionInput, { clients, place, tags }: Context): Resource {
  const { id, needs, settings, code, codeId, calls, withAliasPolicy } = input;
  const { lambda } = clients;
  const { name } = settings;
  const FunctionName = name;
  const arn = functionArn(place, name);

  /** One call sets all of the configuration. */
  async function configure(_: unknown, { facts }: Live<LambdaFunctionFacts, null>): Promise<void> {
    const { Role, ...input } = configurationInput(settings);
    // Sending the role needs iam:PassRole even where it does not change, which a role of CI does not have.
    const role = facts.settings.role === Role ? {} : { Role };
    await calls.change(
      (RevisionId) =>
        lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, RevisionId, ...role, ...input })),
      { done: (now) => isConfigured(settings, now) },
    );
    await calls.settled();
  }

  /** By this run, and not read since: it has no policy yet, and its creation need not wait for that answer. */
  let created = false;

  /** Nothing on the function itself is of crc: a URL of others has its permission there. */
  async function policyWarnings(): Promise<readonly string[]> {
    if (created) {
      created = false;
      return [];
    }
    const { accountId } = place;
    const read = async (what: string, on: string, qualifier?: string) =>
      permissionWarnings(await functionPolicy(lambda, name, qualifier), { what, arn: on, accountId });
    const policies = [
      read('the function', arn),
      ...(withAliasPolicy ? [read(`the alias "${ALIAS}"`, `${arn}:${ALIAS}`, ALIAS)] : []),
    ];
    return (await Promise.all(policies)).flat();
  }

  const spec: Spec<LambdaFunctionFacts, null> = {
    id,
    type: 'AWS::Lambda::Function',
    name,
    needs,
    want: { tags, ...wantedConfiguration(settings) },
    brief: {
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
    },
    async read() {
      const read = await readTogether(calls.latest(), [policyWarnings()]);
      const [live, openPolicies] = read ?? [undefined, []];
      if (live?.Configuration === undefined) {
        await code.check(id, { unless: codeId });
        return undefined;
      }
      if (live.Configuration.State === 'Failed') throw brokenFunction(name, live.Configuration);
      const { own, foreign } = ownershipOf(tagsOf(live, arn), tags);
      return {
        facts: { tags: own, ...liveConfiguration(settings, live.Configuration) },
        foreign,
        warnings: [...functionWarnings(live.Configuration), ...openPolicies],
        others: null,
      };
    },
    async create() {
      const built = await code.build();
      code.announce(id, built);
      const call = new CreateFunctionCommand({
        FunctionName,
        ...configurationInput(settings),
        Code: { ZipFile: built.zip },
        Architectures: settings.architecture === undefined ? undefined : [settings.architecture],
        Tags: tags,
        // The version is published when all is in place.
        Publish: false,
      });
      await calls
        .write(() => lambda.send(call, { requestTimeout: uploadTimeout(built.zip.length) }))
        .catch((error: unknown) => {
          if (!alreadyExists(error)) throw error;
        });
      await calls.settled();
      created = true;
      return undefined;
    },
    set: {
      tags: async (want) => {
        await calls.write(() => lambda.send(new TagResourceCommand({ Resource: arn, Tags: want })));
      },
      settings: {
        set: configure,
        refuse: (live) =>
          live.runtime === CONTAINER_IMAGE
            ? `Lambda cannot change a container image function to a zip package; choose another name in the config, or delete ${name} yourself if nothing uses it`
            : undefined,
      },
      environment: configure,
      // The architecture comes with the code: UpdateFunctionConfiguration does not take it.
      architecture: async (want) => {
        const built = await code.build();
        const Architectures = [want as Architecture];
        await calls.change(
          (RevisionId) =>
            lambda.send(
              new UpdateFunctionCodeCommand({ FunctionName, RevisionId, ZipFile: built.zip, Architectures }),
              { requestTimeout: uploadTimeout(built.zip.length) },
            ),
          { done: (now) => now.Architectures?.[0] === want && now.CodeSha256 === built.sha256 },
        );
        await calls.settled();
      },
    },
    removal: async () => ({
      notes: ['its versions will be deleted with it'],
      async remove() {
        const call = calls.write(() => lambda.send(new DeleteFunctionCommand({ FunctionName })));
        await orAbsent(call, NO_SUCH_FUNCTION, undefined);
      },
    }),
    // Only a URL is an address, and belongs to `function-url`; a function without one is shown as that.
    address: { label: `url ${name}`, path: ['functions', name, 'url'], value: null },
    terraform: LEFT_OUT,
    actions: {
      read: [
        grant('lambda', ['GetFunction', 'ListTags'], arn),
        grant('lambda', ['GetPolicy'], arn, ...(withAliasPolicy ? [`${arn}:${ALIAS}`] : [])),
      ],
      remove: [grant('lambda', ['DeleteFunction'], arn)],
      deploy: [grant('lambda', ['UpdateFunctionConfiguration', 'UpdateFunctionCode'], arn)],
      write: [
        grant('lambda', ['CreateFunction', 'UpdateFunctionConfiguration', 'UpdateFunctionCode', 'TagResource'], arn),
        // Giving a function its role needs iam:PassRole, which no request shows.
        {
          actions: ['iam:PassRole'],
          resources: [settings.roleArn],
          condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
        },
      ],
    },
  };
  return resource(spec);
}
