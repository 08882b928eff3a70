import {
  type AliasConfiguration,
  CreateAliasCommand,
  DeleteAliasCommand,
  type FunctionConfiguration,
  GetAliasCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { grant } from '../aws/actions.ts';
import { uploadTimeout } from '../aws/deadlines.ts';
import { isNamed, orAbsent } from '../aws/error-names.ts';
import { ALIAS, functionArn } from '../aws/names.ts';
import { readTogether } from '../aws/read-together.ts';
import { type Resource, resource } from '../engine/resource.ts';
import type { Live, Spec } from '../engine/types.ts';
import { CrcError } from '../errors.ts';
import { type BuiltPackage, type FunctionPackage, sizeText } from '../package/package.ts';
import { type Context, isMine, NOT_MINE } from './context.ts';
import { alreadyExists, type FunctionCalls, NO_SUCH_FUNCTION } from './function-calls.ts';
import { type FunctionSettings, isConfigured } from './function-configuration.ts';

export interface FunctionCodeInput {
  /** `function-code/NAME` */
  readonly id: string;
  readonly needs: readonly string[];
  readonly settings: FunctionSettings;
  readonly code: FunctionPackage;
  readonly calls: FunctionCalls;
}

type FunctionCodeFacts = {
  /** Hash of the source of what was last deployed. */
  readonly source: string | null;
  /** Digest of the code of $LATEST. */
  readonly sha256: string | null;
  /** Which version the alias serves. */
  readonly alias: string | null;
};

interface Others {
  readonly alias: AliasConfiguration;
  readonly served: FunctionConfiguration;
  /** Whether the function is crc's. */
  readonly mine: boolean;
}

type LiveCode = Live<FunctionCodeFacts, Others>;

const NEW_VERSION = 'a new version';

/**
 * A function's code: uploaded to $LATEST, published as a version, served by the alias. The alias's description remembers
 * what was deployed, the hash of the source and the digest of the package, so that both can be compared without building.
 */
export function functionCode({ id, needs, settings, code, calls }: FunctionCodeInput, context: Context): Resource {
  const { clients, place } = context;
  const { lambda } = clients;
  const { name } = settings;
  const FunctionName = name;
  const arn = functionArn(place, name);

  /** Whether a version is this package, run as the config says. */
  const isAsWanted = (version: FunctionConfiguration, sha256: string | undefined) =>
    version.CodeSha256 === sha256 && isConfigured(settings, version);

  async function upload(built: BuiltPackage): Promise<void> {
    context.tell(`${id}: package of ${built.files.length} files, ${sizeText(built.zip.length)}`);
    for (const warning of built.warnings) context.tell(`${id}: warning: ${warning}`);
    await calls.write(
      (RevisionId) =>
        lambda.send(new UpdateFunctionCodeCommand({ FunctionName, RevisionId, ZipFile: built.zip }), {
          requestTimeout: uploadTimeout(built.zip.length),
        }),
      { done: (now) => now.CodeSha256 === built.sha256 },
    );
    await calls.settled();
  }

  /** Lambda answers with the version there is when nothing has changed since. */
  async function publish({ sha256 }: BuiltPackage): Promise<string> {
    const published = await calls.write(
      (RevisionId) => lambda.send(new PublishVersionCommand({ FunctionName, RevisionId, CodeSha256: sha256 })),
      { done: (now) => isAsWanted(now, sha256), again: true },
    );
    const version = published?.Version ?? '';
    if (published?.State !== 'Active') await calls.settled(version);
    return version;
  }

  /** Uploads if it differs, publishes if what is served differs, and lets the alias serve and remember it. */
  async function deploy(live: LiveCode | undefined): Promise<void> {
    const built = await code.build();
    const latest = calls.seen() ?? (await calls.settled());
    if (latest.CodeSha256 !== built.sha256) await upload(built);

    const before = live?.others;
    const serves = before !== undefined && isServed(before.alias) && isAsWanted(before.served, built.sha256);
    const version = serves ? (before.alias.FunctionVersion ?? '') : await publish(built);
    const Description = describe({ source: built.source, sha256: built.sha256, version });
    if (before === undefined) await createAlias(version, Description);
    else await updateAlias(before.alias, version, Description);
  }

  async function createAlias(version: string, Description: string): Promise<void> {
    try {
      await lambda.send(new CreateAliasCommand({ FunctionName, Name: ALIAS, FunctionVersion: version, Description }));
      context.onAliasMoved({ functionName: name, from: undefined, to: version });
    } catch (error) {
      // Somebody was faster; reading shows whether they made of it what is wanted.
      if (!alreadyExists(error)) throw error;
    }
  }

  async function updateAlias(before: AliasConfiguration, version: string, Description: string): Promise<void> {
    const { FunctionVersion = '', RevisionId } = before;
    if (FunctionVersion === version && before.Description === Description && isServed(before)) return;
    try {
      await lambda.send(
        new UpdateAliasCommand({
          FunctionName,
          Name: ALIAS,
          FunctionVersion: version,
          Description,
          RevisionId,
          // Part of the traffic may go elsewhere; left out, it would go on doing so.
          ...(hasWeights(before) ? { RoutingConfig: { AdditionalVersionWeights: {} } } : {}),
        }),
      );
      const from = { version: FunctionVersion, description: before.Description ?? '' };
      context.onAliasMoved({ functionName: name, from, to: version });
    } catch (error) {
      if (!isNamed(error, ['PreconditionFailedException'])) throw error;
      const now = await getAlias();
      if (now?.FunctionVersion === version && now.Description === Description) return;
      throw new CrcError(
        `Somebody else moved the alias "${ALIAS}" of ${name} in the meantime: to version ${now?.FunctionVersion ?? 'none'}.`,
        {
          hint: 'Nothing of theirs was overwritten. Talk to them, look with `crc verify`, and run it again.',
          cause: error,
        },
      );
    }
  }

  async function getAlias(): Promise<AliasConfiguration | undefined> {
    const call = lambda.send(new GetAliasCommand({ FunctionName, Name: ALIAS }));
    return await orAbsent(call, NO_SUCH_FUNCTION, undefined);
  }

  async function readLive(): Promise<{ readonly others: Others; readonly latest: FunctionConfiguration } | undefined> {
    const live = await readTogether(getAlias(), [calls.latest(), calls.version(ALIAS)]);
    if (live === undefined) return undefined;
    const [alias, latest, served] = live;
    // Gone between the reads.
    if (latest?.Configuration === undefined || served === undefined) return undefined;
    return { others: { alias, served, mine: isMine(latest.Tags ?? {}) }, latest: latest.Configuration };
  }

  const spec: Spec<FunctionCodeFacts, Others> = {
    id,
    type: 'AWS::Lambda::Version',
    name,
    needs,
    want: { source: null, sha256: null, alias: NEW_VERSION },
    async read() {
      const [source, live] = await Promise.all([code.hash(), readLive()]);
      if (live === undefined) return undefined;
      const { others, latest } = live;
      const deployed = recorded(others.alias.Description);
      // Of another source nobody knows the package before it is built.
      const sha256 = deployed?.source === source ? deployed.sha256 : (latest.CodeSha256 ?? null);
      const alias = aliasText(others.alias);
      const right = isServed(others.alias) && isAsWanted(others.served, deployed?.sha256 ?? others.served.CodeSha256);
      const other = deployed !== undefined && deployed.version !== alias ? deployed.version : NEW_VERSION;
      return {
        facts: { source: deployed?.source ?? null, sha256: latest.CodeSha256 ?? null, alias },
        want: { source, sha256, alias: right ? alias : other },
        // Versions and aliases take no tags: they are whose the function is, which they need.
        mine: true,
        others,
      };
    },
    async create() {
      await deploy(undefined);
      return undefined;
    },
    set: { source: set, sha256: set, alias: set },
    // Versions and aliases take no tags: they are whose the function is.
    removal: async ({ others }) => ({
      ...(others.mine ? {} : { stays: NOT_MINE }),
      async remove() {
        const call = lambda.send(new DeleteAliasCommand({ FunctionName, Name: ALIAS }));
        await orAbsent(call, NO_SUCH_FUNCTION, undefined);
      },
    }),
    actions: {
      read: [grant('lambda', ['GetFunction', 'GetAlias'], arn, `${arn}:*`)],
      remove: [grant('lambda', ['DeleteAlias'], arn, `${arn}:*`)],
      write: [grant('lambda', ['UpdateFunctionCode', 'PublishVersion', 'CreateAlias', 'UpdateAlias'], arn, `${arn}:*`)],
    },
  };

  function set(_: string | null, live: LiveCode): Promise<void> {
    return deploy(live);
  }

  return resource(spec);
}

interface Deployed {
  readonly source: string;
  readonly sha256: string;
  readonly version: string;
}

function describe({ source, sha256, version }: Deployed): string {
  return `crc version=${version} package=${sha256} source=${source}`;
}

function recorded(description: string | undefined): Deployed | undefined {
  const found = /^crc version=(\d+) package=(\S+) source=(\S+)$/.exec(description ?? '');
  const [, version, sha256, source] = found ?? [];
  return version === undefined || sha256 === undefined || source === undefined
    ? undefined
    : { version, sha256, source };
}

function hasWeights({ RoutingConfig }: AliasConfiguration): boolean {
  return Object.keys(RoutingConfig?.AdditionalVersionWeights ?? {}).length > 0;
}

/** All traffic goes to one published version. */
function isServed(alias: AliasConfiguration): boolean {
  return alias.FunctionVersion !== '$LATEST' && !hasWeights(alias);
}

/** `3`, or `3, 10 % to 4` */
function aliasText(alias: AliasConfiguration): string {
  const weights = Object.entries(alias.RoutingConfig?.AdditionalVersionWeights ?? {});
  return [
    alias.FunctionVersion,
    ...weights.map(([version, share]) => `${Math.round(share * 100)} % to ${version}`),
  ].join(', ');
}
