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
import { ALIAS, functionArn } from '../../aws/arns.ts';
import type { Clients } from '../../aws/clients.ts';
import { orAbsent } from '../../aws/error-names.ts';
import { readTogether } from '../../aws/read-together.ts';
import { type Resource, resource } from '../../engine/resource.ts';
import type { Actions, Address, Live, Spec } from '../../engine/types.ts';
import type { Json } from '../../json.ts';
import {
  allowsPublicUrl,
  hasStatement,
  URL_STATEMENTS,
  type UrlPermission,
  withoutOwnStatements,
  withoutUrlStatements,
} from '../../policies/function-url.ts';
import type { Context } from '../context.ts';
import { ownershipOf } from '../tags.ts';
import { untilVisible } from '../visibility.ts';
import type { FunctionCalls } from './calls.ts';
import { type CorsFact, type CorsSettings, corsText, liveCors, sentCors, wantedCors } from './cors.ts';
import { alreadyExists, NO_SUCH_FUNCTION } from './errors.ts';
import { functionPolicy } from './policy.ts';
import { tagsOf } from './tags.ts';
import { LEFT_OUT } from './terraform.ts';
import { permissionWarnings } from './warnings.ts';

/** `NONE`: anyone may call it. `AWS_IAM`: only signed requests from authorized principals. */
type AuthType = 'NONE' | 'AWS_IAM';

export interface FunctionUrlInput {
  /** `function-url/NAME` */
  readonly id: string;
  readonly needs: readonly string[];
  readonly functionName: string;
  readonly authType: AuthType;
  readonly cors: CorsSettings | undefined;
  readonly calls: FunctionCalls;
}

type FunctionUrlFacts = {
  readonly authType: string;
  readonly cors: CorsFact;
  /**
   * Whether each of the two permissions that a public URL needs exists and is no broader. With AWS_IAM, neither should
   * exist.
   */
  readonly permissions: Readonly<Record<UrlPermission, boolean>>;
};

interface Details {
  readonly cors: Cors;
  readonly policy: Json;
}

interface Target {
  readonly lambda: Clients['lambda'];
  readonly calls: FunctionCalls;
  readonly alias: { readonly FunctionName: string; readonly Qualifier: string };
  readonly signal: AbortSignal;
}

const PERMISSIONS = ['url', 'function'] as const satisfies readonly UrlPermission[];

/** A URL on the alias, with CORS and, if it is public, the two permissions without which it returns 403. */
export function functionUrl(input: FunctionUrlInput, { clients, place, tags, signal }: Context): Resource {
  const { id, needs, functionName, authType, cors, calls } = input;
  const { lambda } = clients;
  const arn = functionArn(place, functionName);
  const target: Target = { lambda, calls, alias: { FunctionName: functionName, Qualifier: ALIAS }, signal };
  const isPublic = authType === 'NONE';
  const update = (_: unknown, { details }: Live<FunctionUrlFacts, Details>) =>
    updateUrl(target, authType, sentCors(cors, details.cors));

  /** The alias's policy as last read, with or without a URL. */
  let seenPolicy: Json = null;

  async function readPolicy(): Promise<Json> {
    seenPolicy = await functionPolicy(lambda, functionName, ALIAS);
    return seenPolicy;
  }

  const spec: Spec<FunctionUrlFacts, Details> = {
    id,
    type: 'AWS::Lambda::Url',
    name: functionName,
    needs,
    want: { authType, cors: wantedCors(cors), permissions: { url: isPublic, function: isPublic } },
    brief: { cors: () => corsText(cors), permissions: () => undefined },
    async read() {
      const live = await readTogether(getUrl(target), [readPolicy()]);
      if (live === undefined) return undefined;
      const [{ AuthType, FunctionUrl, Cors = {} }, policy] = live;
      return {
        facts: {
          authType: AuthType ?? '',
          cors: liveCors(cors, Cors),
          permissions: livePermissions(policy, isPublic),
        },
        // A URL has no tags: it belongs to the owner of its function.
        details: { cors: Cors, policy },
        warnings: permissionWarnings(isPublic ? withoutUrlStatements(policy) : withoutOwnStatements(policy), {
          what: `the alias "${ALIAS}"`,
          arn: `${arn}:${ALIAS}`,
          accountId: place.accountId,
        }),
        address: FunctionUrl,
      };
    },
    async create() {
      // It already existed, with unknown settings.
      if (!(await createUrl(target, authType, sentCors(cors)))) return undefined;
      return {
        facts: { authType, cors: wantedCors(cors), permissions: livePermissions(seenPolicy, isPublic) },
        details: { cors: sentCors(cors) ?? {}, policy: seenPolicy },
      };
    },
    set: {
      authType: update,
      cors: update,
      permissions: async (want, { facts, details }) => {
        for (const permission of PERMISSIONS) {
          if (facts.permissions[permission] === want[permission]) continue;
          await setPermission(target, permission, { isWanted: want[permission], policy: details.policy });
        }
      },
    },
    // A URL has no tags: it belongs to the owner of its function.
    async removal({ details }) {
      const owner = await calls.latest();
      const { foreign } = ownershipOf(owner === undefined ? {} : tagsOf(owner, arn), tags);
      return { kept: foreign?.owner, remove: () => removeUrl(target, details.policy) };
    },
    address: addressOf(functionName),
    terraform: LEFT_OUT,
    actions: actionsOn(arn),
  };
  return resource(spec);
}

function livePermissions(policy: Json, isPublic: boolean): FunctionUrlFacts['permissions'] {
  const isThere = (permission: UrlPermission) =>
    isPublic ? allowsPublicUrl(policy, permission) : hasStatement(policy, URL_STATEMENTS[permission].sid);
  return { url: isThere('url'), function: isThere('function') };
}

/** A new alias or URL may not be visible everywhere yet. */
async function send<T>({ calls, signal }: Target, call: () => Promise<T>): Promise<T> {
  return await calls.write(() => untilVisible(NO_SUCH_FUNCTION, signal, call));
}

async function getUrl({ lambda, alias }: Target): Promise<GetFunctionUrlConfigCommandOutput | undefined> {
  return await orAbsent(lambda.send(new GetFunctionUrlConfigCommand(alias)), NO_SUCH_FUNCTION, undefined);
}

/** Returns false if it already existed. */
async function createUrl(target: Target, AuthType: AuthType, Cors: Cors | undefined): Promise<boolean> {
  const call = new CreateFunctionUrlConfigCommand({ ...target.alias, AuthType, Cors });
  return await unlessThere(send(target, () => target.lambda.send(call)));
}

async function updateUrl(target: Target, AuthType: AuthType, Cors: Cors | undefined): Promise<void> {
  const call = new UpdateFunctionUrlConfigCommand({ ...target.alias, AuthType, Cors });
  await send(target, () => target.lambda.send(call));
}

/** Also removes crc's own statements; all others are kept. */
async function removeUrl(target: Target, policy: Json): Promise<void> {
  const { lambda, calls, alias } = target;
  const call = calls.write(() => lambda.send(new DeleteFunctionUrlConfigCommand(alias)));
  await orAbsent(call, NO_SUCH_FUNCTION, undefined);
  for (const permission of PERMISSIONS) await setPermission(target, permission, { isWanted: false, policy });
}

/** A statement with crc's Sid is replaced, whatever its content. */
async function setPermission(
  target: Target,
  permission: UrlPermission,
  { isWanted, policy }: { readonly isWanted: boolean; readonly policy: Json },
): Promise<void> {
  const { lambda, calls, alias } = target;
  const { sid, action } = URL_STATEMENTS[permission];
  if (hasStatement(policy, sid)) {
    const removal = calls.write(() => lambda.send(new RemovePermissionCommand({ ...alias, StatementId: sid })));
    await orAbsent(removal, NO_SUCH_FUNCTION, undefined);
  }
  if (!isWanted) return;
  const call = new AddPermissionCommand({
    ...alias,
    StatementId: sid,
    Action: action,
    Principal: '*',
    ...(permission === 'url' ? { FunctionUrlAuthType: 'NONE' } : { InvokedViaFunctionUrl: true }),
  });
  // Another process may have been faster; the next read shows whether its statement is as wanted.
  await unlessThere(send(target, () => lambda.send(call)));
}

async function unlessThere(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (alreadyExists(error)) return false;
    throw error;
  }
}

function addressOf(functionName: string): Address {
  return {
    label: `url ${functionName}`,
    path: ['functions', functionName, 'url'],
    variable: ['FUNCTION_URL', functionName],
    announced: 'always',
  };
}

function actionsOn(arn: string): Actions {
  /** Sources disagree on whether IAM checks the function's ARN or the one with the alias, so both are granted. */
  const arns = [arn, `${arn}:${ALIAS}`];
  return {
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
  };
}
