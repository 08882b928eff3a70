import {
  type AliasConfiguration,
  type FunctionConfiguration,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { grant } from '../../aws/actions.ts';
import { ALIAS, functionArn } from '../../aws/arns.ts';
import type { Clients } from '../../aws/clients.ts';
import { uploadTimeout } from '../../aws/deadlines.ts';
import { readTogether } from '../../aws/read-together.ts';
import { type Resource, resource } from '../../engine/resource.ts';
import type { Actions, Live, Spec } from '../../engine/types.ts';
import type { BuiltPackage } from '../../package/package.ts';
import type { Context } from '../context.ts';
import { ownershipOf } from '../tags.ts';
import { aliasText, type FunctionAlias, isSplit } from './alias.ts';
import type { FunctionCalls } from './calls.ts';
import { type FunctionSettings, isConfigured } from './configuration.ts';
import type { DeployedPackage } from './package.ts';
import { tagsOf } from './tags.ts';
import { LEFT_OUT } from './terraform.ts';

export interface FunctionCodeInput {
  /** `function-code/NAME` */
  readonly id: string;
  readonly needs: readonly string[];
  readonly settings: FunctionSettings;
  readonly code: DeployedPackage;
  readonly calls: FunctionCalls;
  readonly alias: FunctionAlias;
}

type FunctionCodeFacts = {
  /** Hash of the source that was last deployed. */
  readonly source: string | null;
  /** Digest of the code of $LATEST. */
  readonly sha256: string | null;
  /** The version that the alias serves. */
  readonly alias: string | null;
};

interface Details {
  readonly alias: AliasConfiguration;
  readonly served: FunctionConfiguration;
}

interface Target extends FunctionCodeInput {
  readonly lambda: Clients['lambda'];
  readonly arn: string;
}

type LiveCode = Live<FunctionCodeFacts, Details>;

const NEW_VERSION = 'a new version';

/**
 * A function's code: uploaded to $LATEST, published as a version, served by the alias. The alias's description stores
 * the source hash and package digest of the last deployment, so that both can be compared without building.
 */
export function functionCode(input: FunctionCodeInput, { clients, place, tags }: Context): Resource {
  const { id, needs, settings, code, alias } = input;
  const { name } = settings;
  const arn = functionArn(place, name);

  const target: Target = { ...input, lambda: clients.lambda, arn };
  const set = (_: string | null, live: LiveCode) => deploy(target, live);

  const spec: Spec<FunctionCodeFacts, Details> = {
    id,
    type: 'AWS::Lambda::Version',
    name,
    needs,
    want: { source: null, sha256: null, alias: NEW_VERSION },
    brief: { alias: () => `its first version, served by the alias ${ALIAS}` },
    async read() {
      const [source, live, built] = await Promise.all([code.hash(id), readLive(target), code.compared(id)]);
      if (live === undefined) {
        await code.check(id);
        return undefined;
      }
      const { details, latest } = live;
      const deployed = recorded(details.alias.Description);
      const latestCode = latest.CodeSha256 ?? null;
      // The package of a changed source is unknown until it is built.
      const sha256 = built?.sha256 ?? (deployed?.source === source ? deployed.sha256 : latestCode);
      // The alias's description can become outdated; the digest of the served version cannot.
      const served = details.served.CodeSha256 ?? null;
      const liveCode = built !== undefined && served !== built.sha256 ? served : latestCode;
      const serves = aliasText(details.alias);
      const right =
        isServed(details.alias) && isAsWanted(settings, details.served, deployed?.sha256 ?? details.served.CodeSha256);
      const other = deployed !== undefined && deployed.version !== serves ? deployed.version : NEW_VERSION;
      if (!right || deployed?.source !== source || liveCode !== sha256) await code.check(id);
      return {
        facts: { source: deployed?.source ?? null, sha256: liveCode, alias: serves },
        want: { source, sha256, alias: right ? serves : other },
        // Versions and aliases have no tags: they belong to the function's owner and are adopted with it.
        foreign: ownershipOf(live.tags, tags).foreign,
        details,
      };
    },
    async create() {
      await deploy(target, undefined);
      return undefined;
    },
    set: { source: set, sha256: set, alias: set },
    removal: async () => ({ remove: alias.remove }),
    address: 'none',
    terraform: LEFT_OUT,
    actions: actionsOn(arn),
  };

  return resource(spec);
}

/** Whether a version has this package and the settings in the config. */
function isAsWanted(settings: FunctionSettings, version: FunctionConfiguration, sha256: string | undefined): boolean {
  return version.CodeSha256 === sha256 && isConfigured(settings, version);
}

async function upload({ id, lambda, code, calls, settings }: Target, built: BuiltPackage): Promise<void> {
  code.announce(id, built);
  await calls.change(
    (RevisionId) =>
      lambda.send(new UpdateFunctionCodeCommand({ FunctionName: settings.name, RevisionId, ZipFile: built.zip }), {
        requestTimeout: uploadTimeout(built.zip.length),
      }),
    { done: (now) => now.CodeSha256 === built.sha256 },
  );
  await calls.ready();
}

/** Lambda returns the latest version if nothing has changed since. */
async function publish({ lambda, calls, settings }: Target, { sha256 }: BuiltPackage): Promise<string> {
  const published = await calls.change(
    (RevisionId) =>
      lambda.send(new PublishVersionCommand({ FunctionName: settings.name, RevisionId, CodeSha256: sha256 })),
    { done: (now) => isAsWanted(settings, now, sha256), again: true },
  );
  const version = published?.Version ?? '';
  if (published?.State !== 'Active') await calls.ready(version);
  return version;
}

/**
 * Uploads the package if it differs, publishes if the served version differs, then updates the alias and its
 * description.
 */
async function deploy(target: Target, live: LiveCode | undefined): Promise<void> {
  const { code, calls, alias, settings } = target;
  const built = await code.build();
  const latest = calls.seen() ?? (await calls.ready());
  if (latest.CodeSha256 !== built.sha256) await upload(target, built);

  const before = live?.details;
  const serves = before !== undefined && isServed(before.alias) && isAsWanted(settings, before.served, built.sha256);
  const version = serves ? (before.alias.FunctionVersion ?? '') : await publish(target, built);
  const wanted = { version, description: describe({ source: built.source, sha256: built.sha256, version }) };
  if (before === undefined) return await alias.create(wanted);
  const { FunctionVersion, Description } = before.alias;
  if (FunctionVersion === version && Description === wanted.description && isServed(before.alias)) return;
  await alias.move(before.alias, wanted);
}

async function readLive({ alias, calls, arn }: Target) {
  const live = await readTogether(alias.read(), [calls.latest(), calls.version(ALIAS)]);
  if (live === undefined) return undefined;
  const [liveAlias, latest, served] = live;
  // Deleted between the reads.
  if (latest?.Configuration === undefined || served === undefined) return undefined;
  const details: Details = { alias: liveAlias, served };
  return { details, latest: latest.Configuration, tags: tagsOf(latest, arn) };
}

function actionsOn(arn: string): Actions {
  return {
    test: [
      grant('lambda', ['Invoke'], `${arn}:${ALIAS}`),
      grant('lambda', ['GetFunction', 'ListTags', 'ListVersionsByFunction', 'GetAlias', 'UpdateAlias'], arn),
    ],
    read: [grant('lambda', ['GetFunction', 'GetAlias'], arn, `${arn}:*`), grant('lambda', ['ListTags'], arn)],
    remove: [grant('lambda', ['DeleteAlias'], arn, `${arn}:*`)],
    deploy: [
      grant('lambda', ['UpdateFunctionCode', 'PublishVersion'], arn),
      grant('lambda', ['UpdateAlias'], arn, `${arn}:*`),
    ],
    write: [
      grant('lambda', ['UpdateFunctionCode', 'PublishVersion'], arn),
      grant('lambda', ['CreateAlias', 'UpdateAlias'], arn, `${arn}:*`),
    ],
  };
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
  const match = /^crc version=(\d+) package=(\S+) source=(\S+)$/.exec(description ?? '');
  const [, version, sha256, source] = match ?? [];
  return version === undefined || sha256 === undefined || source === undefined
    ? undefined
    : { version, sha256, source };
}

/** All traffic goes to one published version. */
function isServed(alias: AliasConfiguration): boolean {
  return alias.FunctionVersion !== '$LATEST' && !isSplit(alias);
}
