import {
  AddPermissionCommand,
  type Cors,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  type GetFunctionUrlConfigCommandOutput,
  RemovePermissionCommand,
  UpdateFunctionUrlConfigCommand,
} from '@aws-sdk/client-lambda';
import { grant } from '../../aws/actions.ts';
import { orAbsent } from '../../aws/error-names.ts';
import { ALIAS, functionArn } from '../../aws/names.ts';
import { readTogether } from '../../aws/read-together.ts';
import { type Resource, resource } from '../../engine/resource.ts';
import type { Json, Live, Spec } from '../../engine/types.ts';
import {
  allowsPublicUrl,
  hasStatement,
  URL_STATEMENTS,
  type UrlPermission,
  withoutUrlStatements,
} from '../../policies/function-url.ts';
import type { Context } from '../context.ts';
import { ownershipOf } from '../tags.ts';
import { untilVisible } from '../visibility.ts';
import type { FunctionCalls } from './calls.ts';
import { alreadyExists, NO_SUCH_FUNCTION } from './errors.ts';
import { functionPolicy } from './policy.ts';
import { tagsOf } from './tags.ts';
import { LEFT_OUT } from './terraform.ts';
import { permissionWarnings } from './warnings.ts';

/** CORS as the config names it; what it does not name is left alone. */
export interface CorsSettings {
  readonly allowOrigins?: readonly string[];
  readonly allowMethods?: readonly string[];
  readonly allowHeaders?: readonly string[];
  readonly exposeHeaders?: readonly string[];
  readonly allowCredentials?: boolean;
  readonly maxAgeSeconds?: number;
}

export interface FunctionUrlInput {
  /** `function-url/NAME` */
  readonly id: string;
  readonly needs: readonly string[];
  readonly functionName: string;
  readonly cors: CorsSettings | undefined;
  readonly calls: FunctionCalls;
}

type FunctionUrlFacts = {
  readonly authType: string;
  readonly cors: { readonly [key: string]: Json };
  /** Whether each of the two permissions that a public URL needs is there, and is no wider. */
  readonly permissions: Readonly<Record<UrlPermission, boolean>>;
};

interface Others {
  readonly cors: Cors;
  readonly policy: Json;
}

/** Where each key of the config stands in the API, and what it is when it is not set. */
const CORS_KEYS = {
  allowOrigins: { name: 'AllowOrigins', none: [] },
  allowMethods: { name: 'AllowMethods', none: [] },
  allowHeaders: { name: 'AllowHeaders', none: [] },
  exposeHeaders: { name: 'ExposeHeaders', none: [] },
  allowCredentials: { name: 'AllowCredentials', none: false },
  maxAgeSeconds: { name: 'MaxAge', none: 0 },
} as const satisfies Record<keyof CorsSettings, { readonly name: keyof Cors; readonly none: Json }>;

/** `CORS for GET from https://a.example` */
function corsText({ allowOrigins, allowMethods, ...more }: CorsSettings = {}): string | undefined {
  const parts = [
    ...(allowMethods === undefined ? [] : [`for ${allowMethods.join(', ')}`]),
    ...(allowOrigins === undefined ? [] : [`from ${allowOrigins.join(', ')}`]),
    ...Object.entries(more).flatMap(([key, value]) =>
      value === undefined ? [] : [`${key} ${[value].flat().join(', ')}`],
    ),
  ];
  return parts.length === 0 ? undefined : `CORS ${parts.join(' ')}`;
}

/** A public URL on the alias, with CORS and the two permissions without which it answers 403. */
export function functionUrl({ id, needs, functionName, cors, calls }: FunctionUrlInput, context: Context): Resource {
  const { clients, place, tags, signal } = context;
  const { lambda } = clients;
  const FunctionName = functionName;
  const Qualifier = ALIAS;
  const arn = functionArn(place, functionName);
  /** Sources disagree on whether IAM checks the function's ARN or the one with the alias, so both are granted. */
  const arns = [arn, `${arn}:${ALIAS}`];
  const named = (Object.keys(CORS_KEYS) as (keyof CorsSettings)[]).filter((key) => cors?.[key] !== undefined);
  const wantedCors = Object.fromEntries(named.map((key) => [key, comparable(key, cors?.[key] as Json)]));
  const sentCors = Object.fromEntries(named.map((key) => [CORS_KEYS[key].name, cors?.[key]])) as Cors;
  /** A new alias or URL may not be known everywhere yet. */
  const whenVisible = <T>(send: () => Promise<T>) => calls.write(() => untilVisible(NO_SUCH_FUNCTION, signal, send));

  /** The alias's policy as it was last read, whether or not there is a URL. */
  let seenPolicy: Json = null;

  const spec: Spec<FunctionUrlFacts, Others> = {
    id,
    type: 'AWS::Lambda::Url',
    name: functionName,
    needs,
    want: { authType: 'NONE', cors: wantedCors, permissions: { url: true, function: true } },
    brief: { cors: () => corsText(cors), permissions: () => undefined },
    async read() {
      const live = await readTogether(getUrl(), [getPolicy()]);
      if (live === undefined) return undefined;
      const [{ AuthType, FunctionUrl, Cors: liveCors = {} }, policy] = live;
      return {
        facts: {
          authType: AuthType ?? '',
          cors: Object.fromEntries(
            named.map((key) => [key, comparable(key, (liveCors[CORS_KEYS[key].name] ?? CORS_KEYS[key].none) as Json)]),
          ),
          permissions: permitted(policy),
        },
        // It takes no tags: it is whose the function is, which it needs.
        others: { cors: liveCors, policy },
        warnings: permissionWarnings(withoutUrlStatements(policy), {
          what: `the alias "${ALIAS}"`,
          arn: `${arn}:${ALIAS}`,
          accountId: place.accountId,
        }),
        address: FunctionUrl,
      };
    },
    async create() {
      // It was there already, and may be anything.
      if (!(await createUrl())) return undefined;
      return {
        facts: { authType: 'NONE', cors: wantedCors, permissions: permitted(seenPolicy) },
        others: { cors: sentCors, policy: seenPolicy },
      };
    },
    set: {
      authType: update,
      cors: update,
      permissions: async (_, { facts, others }) => {
        for (const permission of ['url', 'function'] as const) {
          if (!facts.permissions[permission]) await permit(permission, others.policy);
        }
      },
    },
    // It takes no tags: it is whose the function is.
    async removal({ others }) {
      const owner = await calls.latest();
      const { foreign } = ownershipOf(owner === undefined ? {} : tagsOf(owner, arn), tags);
      return { stays: foreign?.owner, remove: () => remove(others.policy) };
    },
    address: {
      label: `url ${functionName}`,
      path: ['functions', functionName, 'url'],
      variable: ['FUNCTION_URL', functionName],
      announced: 'always',
    },
    terraform: LEFT_OUT,
    actions: {
      deploy: [],
      read: [grant('lambda', ['GetFunctionUrlConfig', 'GetPolicy'], ...arns)],
      remove: [
        grant('lambda', ['DeleteFunctionUrlConfig', 'RemovePermission'], ...arns),
        grant('lambda', ['GetFunction', 'ListTags'], arn),
      ],
      write: [
        grant(
          'lambda',
          ['CreateFunctionUrlConfig', 'UpdateFunctionUrlConfig', 'AddPermission', 'RemovePermission'],
          ...arns,
        ),
      ],
    },
  };

  /** The API replaces CORS as a whole, so what the config does not name is sent back as it is. */
  async function update(_: unknown, { others }: Live<FunctionUrlFacts, Others>): Promise<void> {
    const merged: Cors = { ...others.cors, ...sentCors };
    const Cors = Object.keys(merged).length === 0 ? {} : { Cors: merged };
    await whenVisible(() =>
      lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName, Qualifier, AuthType: 'NONE', ...Cors })),
    );
  }

  /** crc's own statements go with it; those of others stay. */
  async function remove(policy: Json): Promise<void> {
    const call = calls.write(() => lambda.send(new DeleteFunctionUrlConfigCommand({ FunctionName, Qualifier })));
    await orAbsent(call, NO_SUCH_FUNCTION, undefined);
    for (const { sid } of Object.values(URL_STATEMENTS)) if (hasStatement(policy, sid)) await removePermission(sid);
  }

  async function permit(permission: UrlPermission, policy: Json): Promise<void> {
    const { sid, action } = URL_STATEMENTS[permission];
    if (hasStatement(policy, sid)) await removePermission(sid);
    const call = new AddPermissionCommand({
      FunctionName,
      Qualifier,
      StatementId: sid,
      Action: action,
      Principal: '*',
      ...(permission === 'url' ? { FunctionUrlAuthType: 'NONE' } : { InvokedViaFunctionUrl: true }),
    });
    // Another process may have been faster; reading shows whether its statement is right.
    await unlessThere(whenVisible(() => lambda.send(call)));
  }

  async function removePermission(StatementId: string): Promise<void> {
    const call = calls.write(() => lambda.send(new RemovePermissionCommand({ FunctionName, Qualifier, StatementId })));
    await orAbsent(call, NO_SUCH_FUNCTION, undefined);
  }

  async function createUrl(): Promise<boolean> {
    const Cors = named.length === 0 ? {} : { Cors: sentCors };
    const call = new CreateFunctionUrlConfigCommand({ FunctionName, Qualifier, AuthType: 'NONE', ...Cors });
    return await unlessThere(whenVisible(() => lambda.send(call)));
  }

  async function getUrl(): Promise<GetFunctionUrlConfigCommandOutput | undefined> {
    const call = lambda.send(new GetFunctionUrlConfigCommand({ FunctionName, Qualifier }));
    return await orAbsent(call, NO_SUCH_FUNCTION, undefined);
  }

  async function getPolicy(): Promise<Json> {
    seenPolicy = await functionPolicy(lambda, FunctionName, Qualifier);
    return seenPolicy;
  }

  return resource(spec);
}

function permitted(policy: Json): FunctionUrlFacts['permissions'] {
  return { url: allowsPublicUrl(policy, 'url'), function: allowsPublicUrl(policy, 'function') };
}

/** False: it was there already. */
async function unlessThere(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (alreadyExists(error)) return false;
    throw error;
  }
}

/** Lists of CORS are sets, and names of headers are not case-sensitive. */
function comparable(key: keyof CorsSettings, value: Json): Json {
  if (!Array.isArray(value)) return value;
  const texts = value.map(String);
  return key.endsWith('Headers') ? texts.map((one) => one.toLowerCase()).sort() : texts.sort();
}
