import { createHash } from 'node:crypto';
import { awsError, type Handlers } from './fake-aws.ts';

/** A published version or $LATEST. */
export interface FakeVersion {
  Version: string;
  CodeSha256: string;
  Runtime: string;
  Handler: string;
  Role: string;
  MemorySize: number;
  Timeout: number;
  Architectures: string[];
  Environment?: { Variables?: Record<string, string>; Error?: { ErrorCode: string } };
  PackageType: string;
  Layers?: { Arn: string }[];
  LoggingConfig?: { LogGroup: string };
  State: string;
  StateReason?: string;
  StateReasonCode?: string;
  LastUpdateStatus?: string;
  LastUpdateStatusReason?: string;
  LastUpdateStatusReasonCode?: string;
  RevisionId: string;
  LastModified: string;
}

export interface FakeAlias {
  FunctionVersion: string;
  Description: string;
  RevisionId: string;
  RoutingConfig?: { AdditionalVersionWeights?: Record<string, number> };
}

export interface FakeUrl {
  AuthType: string;
  Cors?: Record<string, unknown>;
}

export interface FakeStatement {
  Sid: string;
  Effect: string;
  Principal: unknown;
  Action: string;
  Resource: string;
  Condition?: unknown;
}

export interface FakeFunction {
  latest: FakeVersion;
  versions: FakeVersion[];
  aliases: Map<string, FakeAlias>;
  reservedConcurrency?: number | undefined;
  urls: Map<string | undefined, FakeUrl>;
  /** Statements by qualifier. A permission on the function does not apply to its alias. */
  policies: Map<string | undefined, FakeStatement[]>;
  tags: Record<string, string>;
  /** Number of reads until the change in progress is complete. */
  busy: number;
  /** Outcome of the change in progress. */
  outcome: 'Successful' | { readonly code: string; readonly reason: string };
}

export interface FakeLambda {
  readonly functions: Map<string, FakeFunction>;
  readonly handlers: Handlers;
  /** Outcome of future changes. */
  outcome: FakeFunction['outcome'];
  /** How often CreateFunction and UpdateFunctionConfiguration still reject the role. */
  roleNotReady: number;
  /** What GetFunction returns instead of tags when lambda:ListTags is denied or the tags cannot be read. */
  tagsError: { readonly ErrorCode: string; readonly Message: string } | undefined;
  invoke: (qualifier: string, payload: string) => { payload: string; functionError?: string; log?: string };
}

const notFound = () => awsError('ResourceNotFoundException', 404);
const inProgress = (name: string) =>
  Object.assign(awsError('ResourceConflictException', 409), {
    message: `The operation cannot be performed at this time. An update is in progress for resource: arn:aws:lambda:eu-west-2:123456789012:function:${name}`,
  });
const exists = (resource: string) =>
  Object.assign(awsError('ResourceConflictException', 409), { message: `${resource} already exist` });
const stale = () => awsError('PreconditionFailedException', 412);
const NOT_ASSUMABLE = 'The role defined for the function cannot be assumed by Lambda.';

/**
 * A fake of the Lambda operations that crc uses. A change takes `busy` reads, other changes are rejected meanwhile, and
 * each change creates a new revision.
 */
export function fakeLambda({ busy = 1 } = {}): FakeLambda {
  const functions = new Map<string, FakeFunction>();
  let revisions = 0;
  const revision = () => {
    revisions += 1;
    return `revision-${revisions}`;
  };
  const at = (name: string): FakeFunction => {
    const existing = functions.get(name);
    if (existing === undefined) throw notFound();
    return existing;
  };
  const aliasAt = (name: string, alias: string): FakeAlias => {
    const existing = at(name).aliases.get(alias);
    if (existing === undefined) throw notFound();
    return existing;
  };
  const versionAt = (name: string, qualifier = '$LATEST'): FakeVersion => {
    const lambdaFunction = at(name);
    const number = lambdaFunction.aliases.get(qualifier)?.FunctionVersion ?? qualifier;
    const version =
      number === '$LATEST' ? lambdaFunction.latest : lambdaFunction.versions.find(({ Version }) => Version === number);
    if (version === undefined) throw notFound();
    return version;
  };
  /** The function, or an error if Lambda would reject an update of it. */
  const updatable = (name: string, expected: string | undefined): FakeFunction => {
    const lambdaFunction = at(name);
    if (lambdaFunction.latest.State === 'Pending' || lambdaFunction.latest.LastUpdateStatus === 'InProgress')
      throw inProgress(name);
    if (expected !== undefined && expected !== lambdaFunction.latest.RevisionId) throw stale();
    return lambdaFunction;
  };
  const begin = (lambdaFunction: FakeFunction): void => {
    Object.assign(lambdaFunction.latest, { LastUpdateStatus: 'InProgress', RevisionId: revision() });
    lambdaFunction.busy = busy;
    lambdaFunction.outcome = fake.outcome;
  };
  const finishChange = (lambdaFunction: FakeFunction): void => {
    const { latest } = lambdaFunction;
    if (latest.State !== 'Pending' && latest.LastUpdateStatus !== 'InProgress') return;
    if (lambdaFunction.busy > 0) {
      lambdaFunction.busy -= 1;
      return;
    }
    const failed = lambdaFunction.outcome === 'Successful' ? undefined : lambdaFunction.outcome;
    if (latest.State === 'Pending') {
      latest.State = failed === undefined ? 'Active' : 'Failed';
      if (failed !== undefined) Object.assign(latest, { StateReason: failed.reason, StateReasonCode: failed.code });
    }
    latest.LastUpdateStatus = failed === undefined ? 'Successful' : 'Failed';
    if (failed !== undefined) {
      Object.assign(latest, { LastUpdateStatusReason: failed.reason, LastUpdateStatusReasonCode: failed.code });
    }
    latest.RevisionId = revision();
  };
  const refuseRole = (): void => {
    if (fake.roleNotReady <= 0) return;
    fake.roleNotReady -= 1;
    throw Object.assign(awsError('InvalidParameterValueException'), { message: NOT_ASSUMABLE });
  };
  const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64');
  const configuration = (name: string, version: FakeVersion) => ({
    FunctionName: name,
    FunctionArn: `arn:aws:lambda:eu-west-2:123456789012:function:${name}`,
    ...version,
    Environment: version.Environment,
  });
  const isSameVersion = (a: FakeVersion, b: FakeVersion) => {
    const comparable = ({
      CodeSha256,
      Runtime,
      Handler,
      Role,
      MemorySize,
      Timeout,
      Architectures,
      Environment,
    }: FakeVersion) =>
      JSON.stringify({ CodeSha256, Runtime, Handler, Role, MemorySize, Timeout, Architectures, Environment });
    return comparable(a) === comparable(b);
  };

  const handlers: Handlers = {
    GetFunction: ({ FunctionName, Qualifier }) => {
      const lambdaFunction = at(FunctionName);
      if (Qualifier === undefined) finishChange(lambdaFunction);
      const version = versionAt(FunctionName, Qualifier);
      if (Qualifier !== undefined && version.State === 'Pending') {
        if (lambdaFunction.busy > 0) lambdaFunction.busy -= 1;
        else version.State = 'Active';
      }
      const { tagsError: TagsError } = fake;
      return {
        Configuration: configuration(FunctionName, version),
        Concurrency:
          lambdaFunction.reservedConcurrency === undefined
            ? undefined
            : { ReservedConcurrentExecutions: lambdaFunction.reservedConcurrency },
        // GetFunction omits the property if there are no tags.
        ...(TagsError !== undefined
          ? { TagsError }
          : Object.keys(lambdaFunction.tags).length === 0
            ? {}
            : { Tags: lambdaFunction.tags }),
      };
    },
    CreateFunction: (input) => {
      if (functions.has(input.FunctionName)) throw exists(`Function: ${input.FunctionName}`);
      refuseRole();
      functions.set(input.FunctionName, {
        latest: {
          Version: '$LATEST',
          CodeSha256: sha(input.Code.ZipFile),
          Runtime: input.Runtime,
          Handler: input.Handler,
          Role: input.Role,
          MemorySize: input.MemorySize ?? 128,
          Timeout: input.Timeout ?? 3,
          Architectures: input.Architectures ?? ['x86_64'],
          Environment: input.Environment,
          PackageType: 'Zip',
          State: 'Pending',
          RevisionId: revision(),
          LastModified: '2026-11-23T00:00:00.000+0000',
        },
        versions: [],
        aliases: new Map(),
        urls: new Map(),
        policies: new Map(),
        tags: input.Tags ?? {},
        busy,
        outcome: fake.outcome,
      });
      return {};
    },
    UpdateFunctionConfiguration: ({ FunctionName, RevisionId, ...change }) => {
      const lambdaFunction = updatable(FunctionName, RevisionId);
      refuseRole();
      // A failed update has no effect.
      if (fake.outcome === 'Successful') Object.assign(lambdaFunction.latest, change);
      begin(lambdaFunction);
      return {};
    },
    UpdateFunctionCode: ({ FunctionName, RevisionId, ZipFile, Architectures }) => {
      const lambdaFunction = updatable(FunctionName, RevisionId);
      if (fake.outcome === 'Successful') {
        lambdaFunction.latest.CodeSha256 = sha(ZipFile);
        lambdaFunction.latest.Architectures = Architectures ?? lambdaFunction.latest.Architectures;
      }
      begin(lambdaFunction);
      return {};
    },
    PublishVersion: ({ FunctionName, RevisionId, CodeSha256 }) => {
      const lambdaFunction = updatable(FunctionName, RevisionId);
      if (CodeSha256 !== undefined && CodeSha256 !== lambdaFunction.latest.CodeSha256) {
        throw Object.assign(awsError('InvalidParameterValueException'), {
          message: `CodeSHA256 (${CodeSha256}) is different from current CodeSHA256 in $LATEST (${lambdaFunction.latest.CodeSha256})`,
        });
      }
      const last = lambdaFunction.versions.at(-1);
      if (last !== undefined && isSameVersion(last, lambdaFunction.latest)) return configuration(FunctionName, last);
      const version: FakeVersion = {
        ...structuredClone(lambdaFunction.latest),
        Version: String(lambdaFunction.versions.length + 1),
        State: 'Pending',
        RevisionId: revision(),
      };
      delete version.LastUpdateStatus;
      lambdaFunction.versions.push(version);
      lambdaFunction.busy = busy;
      return configuration(FunctionName, version);
    },
    ListVersionsByFunction: ({ FunctionName, Marker }) => {
      // Pages of one version, so that callers that ignore NextMarker fail.
      const all = [at(FunctionName).latest, ...at(FunctionName).versions];
      const index = Number(Marker ?? 0);
      const more = index + 1 < all.length;
      return {
        Versions: all.slice(index, index + 1).map((version) => configuration(FunctionName, version)),
        NextMarker: more ? String(index + 1) : undefined,
      };
    },
    GetAlias: ({ FunctionName, Name }) => ({ Name, ...aliasAt(FunctionName, Name) }),
    CreateAlias: ({ FunctionName, Name, FunctionVersion, Description }) => {
      versionAt(FunctionName, FunctionVersion);
      const { aliases } = at(FunctionName);
      if (aliases.has(Name)) throw exists(`Alias: ${Name}`);
      aliases.set(Name, { FunctionVersion, Description: Description ?? '', RevisionId: revision() });
      return {};
    },
    UpdateAlias: ({ FunctionName, Name, FunctionVersion, Description, RevisionId, RoutingConfig }) => {
      const alias = aliasAt(FunctionName, Name);
      if (RevisionId !== undefined && RevisionId !== alias.RevisionId) throw stale();
      if (FunctionVersion !== undefined) versionAt(FunctionName, FunctionVersion);
      Object.assign(alias, {
        FunctionVersion: FunctionVersion ?? alias.FunctionVersion,
        Description: Description ?? alias.Description,
        RoutingConfig,
        RevisionId: revision(),
      });
      return {};
    },
    ListTags: ({ Resource }) => ({ Tags: at(Resource.split(':').at(6)).tags }),
    // Pages of one function or version.
    ListFunctions: ({ FunctionVersion, Marker = '0' }) => {
      const all = [...functions].flatMap(([name, { latest, versions }]) =>
        [latest, ...(FunctionVersion === 'ALL' ? versions : [])].map((version) => configuration(name, version)),
      );
      const more = Number(Marker) + 1 < all.length;
      return {
        Functions: all.slice(Number(Marker), Number(Marker) + 1),
        NextMarker: more ? String(Number(Marker) + 1) : undefined,
      };
    },
    // Pages of one alias.
    ListAliases: ({ FunctionName, Marker = '0' }) => {
      const all = [...at(FunctionName).aliases].map(([Name, alias]) => ({ Name, ...alias }));
      const more = Number(Marker) + 1 < all.length;
      return {
        Aliases: all.slice(Number(Marker), Number(Marker) + 1),
        NextMarker: more ? String(Number(Marker) + 1) : undefined,
      };
    },
    TagResource: ({ Resource, Tags }) => {
      Object.assign(at(Resource.split(':').at(6)).tags, Tags);
      return {};
    },
    PutFunctionConcurrency: ({ FunctionName, ReservedConcurrentExecutions }) => {
      at(FunctionName).reservedConcurrency = ReservedConcurrentExecutions;
      return { ReservedConcurrentExecutions };
    },
    GetFunctionUrlConfig: ({ FunctionName, Qualifier }) => {
      const url = at(FunctionName).urls.get(Qualifier);
      if (url === undefined) throw notFound();
      const arn = `arn:aws:lambda:eu-west-2:123456789012:function:${FunctionName}`;
      return {
        FunctionUrl: 'https://abc.lambda-url.eu-west-2.on.aws/',
        FunctionArn: Qualifier === undefined ? arn : `${arn}:${Qualifier}`,
        ...url,
      };
    },
    CreateFunctionUrlConfig: ({ FunctionName, Qualifier, AuthType, Cors }) => {
      aliasAt(FunctionName, Qualifier);
      const { urls } = at(FunctionName);
      if (urls.has(Qualifier)) throw exists('FunctionUrlConfig');
      urls.set(Qualifier, { AuthType, Cors });
      return {};
    },
    UpdateFunctionUrlConfig: ({ FunctionName, Qualifier, AuthType, Cors }) => {
      const url = at(FunctionName).urls.get(Qualifier);
      if (url === undefined) throw notFound();
      Object.assign(url, { AuthType: AuthType ?? url.AuthType, Cors });
      return {};
    },
    GetPolicy: ({ FunctionName, Qualifier }) => {
      const statements = at(FunctionName).policies.get(Qualifier) ?? [];
      if (statements.length === 0) throw notFound();
      return { Policy: JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: statements }) };
    },
    AddPermission: (input) => {
      const { FunctionName, Qualifier, StatementId, Action, Principal, FunctionUrlAuthType, InvokedViaFunctionUrl } =
        input;
      aliasAt(FunctionName, Qualifier);
      const { policies } = at(FunctionName);
      const statements = policies.get(Qualifier) ?? [];
      if (statements.some(({ Sid }) => Sid === StatementId)) throw exists(`The statement id (${StatementId})`);
      const conditions = {
        ...(FunctionUrlAuthType === undefined
          ? {}
          : { StringEquals: { 'lambda:FunctionUrlAuthType': FunctionUrlAuthType } }),
        ...(InvokedViaFunctionUrl === undefined
          ? {}
          : { Bool: { 'lambda:InvokedViaFunctionUrl': String(InvokedViaFunctionUrl) } }),
      };
      const statement: FakeStatement = {
        Sid: StatementId,
        Effect: 'Allow',
        Principal,
        Action,
        Resource: `arn:aws:lambda:eu-west-2:123456789012:function:${FunctionName}:${Qualifier}`,
        ...(Object.keys(conditions).length === 0 ? {} : { Condition: conditions }),
      };
      policies.set(Qualifier, [...statements, statement]);
      return {};
    },
    RemovePermission: ({ FunctionName, Qualifier, StatementId }) => {
      const { policies } = at(FunctionName);
      const statements = policies.get(Qualifier) ?? [];
      if (!statements.some(({ Sid }) => Sid === StatementId)) throw notFound();
      policies.set(
        Qualifier,
        statements.filter(({ Sid }) => Sid !== StatementId),
      );
      return {};
    },
    DeleteFunctionUrlConfig: ({ FunctionName, Qualifier }) => {
      if (!at(FunctionName).urls.delete(Qualifier)) throw notFound();
      return {};
    },
    DeleteAlias: ({ FunctionName, Name }) => {
      at(FunctionName).aliases.delete(Name);
      return {};
    },
    DeleteFunction: ({ FunctionName }) => {
      if (!functions.delete(FunctionName)) throw notFound();
      return {};
    },
    Invoke: ({ FunctionName, Qualifier, Payload }) => {
      versionAt(FunctionName, Qualifier);
      const { payload, functionError, log = '' } = fake.invoke(Qualifier, Buffer.from(Payload).toString());
      return {
        StatusCode: 200,
        Payload: new Uint8Array(Buffer.from(payload)),
        LogResult: Buffer.from(log).toString('base64'),
        FunctionError: functionError,
      };
    },
  };
  const fake: FakeLambda = {
    functions,
    handlers,
    outcome: 'Successful',
    roleNotReady: 0,
    tagsError: undefined,
    invoke: () => ({ payload: 'null' }),
  };
  return fake;
}
