import { randomBytes, randomUUID } from 'node:crypto';
import { functionArn, logGroupName, type Place } from '../aws/arns.ts';
import type { Environment } from '../environment.ts';

/** Lambda's data about one call, passed on in the context and the environment. */
export interface CallIdentity {
  readonly awsRequestId: string;
  readonly invokedFunctionArn: string;
  /** `2026/11/26/[$LATEST]3f…`: unique to the call. */
  readonly logStreamName: string;
  /** `Root=1-…`, for AWS X-Ray. */
  readonly traceId: string;
}

const VERSION = '$LATEST';

export function newCall(place: Place, functionName: string): CallIdentity {
  const now = new Date();
  const hex = (bytes: number) => randomBytes(bytes).toString('hex');
  const seconds = Math.floor(now.getTime() / 1_000);
  return {
    awsRequestId: randomUUID(),
    invokedFunctionArn: functionArn(place, functionName),
    logStreamName: `${now.toISOString().slice(0, 10).replaceAll('-', '/')}/[${VERSION}]${hex(16)}`,
    traceId: `Root=1-${seconds.toString(16).padStart(8, '0')}-${hex(12)};Parent=${hex(8)};Sampled=0`,
  };
}

/**
 * The variables needed to reach AWS and to start a process. Nothing else from the caller's shell reaches the function.
 */
export function keptEnvironment(env: Environment): Environment {
  const names =
    /^(AWS_.*|PATH|HOME|USERPROFILE|SYSTEMROOT|COMSPEC|PATHEXT|TMPDIR|TEMP|TMP|LANG|LC_ALL|(HTTPS?|NO|ALL)_PROXY|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|PYENV_.*|VIRTUAL_ENV)$/i;
  return Object.fromEntries(Object.entries(env).filter(([name]) => names.test(name)));
}

export interface LambdaEnvironment {
  readonly env: Environment;
  readonly environment: Readonly<Record<string, string>>;
  readonly functionName: string;
  readonly handler: string;
  readonly runtime: string;
  readonly memoryMb: number;
  readonly region: string;
}

/**
 * The function's own variables and those that Lambda sets
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime), except for
 * the address of the runtime API, which does not exist locally. `folder` contains the package.
 */
export function lambdaEnvironment(
  { env, environment, functionName, handler, runtime, memoryMb, region }: LambdaEnvironment,
  { logStreamName, traceId }: CallIdentity,
  folder: string,
): Environment {
  return {
    ...keptEnvironment(env),
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    ...environment,
    _HANDLER: handler,
    _X_AMZN_TRACE_ID: traceId,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: VERSION,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: logGroupName(functionName),
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    LAMBDA_TASK_ROOT: folder,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}
