import type { Resource } from '../../src/engine/resource.ts';
import type { Run } from '../../src/resources/context.ts';
import { type AliasMove, functionAlias } from '../../src/resources/function/alias.ts';
import { functionCalls, type Patience } from '../../src/resources/function/calls.ts';
import { functionCode } from '../../src/resources/function/code.ts';
import type { FunctionSettings } from '../../src/resources/function/configuration.ts';
import { deployedPackage } from '../../src/resources/function/package.ts';
import { lambdaFunction } from '../../src/resources/function/settings.ts';
import { functionUrl } from '../../src/resources/function/url.ts';
import { ACCOUNT, contextFor, REGION } from './context.ts';
import { type FakeAws, fakeAws } from './fake-aws.ts';
import { type FakeIam, fakeIam } from './fake-iam.ts';
import { type FakeFunction, type FakeLambda, fakeLambda } from './fake-lambda.ts';
import { type FakePackage, fakePackage } from './fake-package.ts';

export const NAME = 'IncrementVisits';

export const SETTINGS: FunctionSettings = {
  name: NAME,
  roleArn: 'arn:aws:iam::123456789012:role/IncrementVisits-execution',
  runtime: 'nodejs24.x',
  handler: 'index.handler',
  architecture: 'arm64',
  memoryMb: 128,
  timeoutSeconds: 10,
  environment: { TABLE_NAME: 'Visits' },
};

/** The policy of the role that crc manages for the function. */
const ROLE_POLICY = { Statement: [{ Effect: 'Allow', Action: 'dynamodb:UpdateItem', Resource: '*' }] };

/** The resources of one function on a fake Lambda. As in a real run, they share calls and a package. */
export interface FunctionBench {
  readonly aws: FakeAws;
  readonly lambda: FakeLambda;
  readonly iam: FakeIam;
  readonly code: FakePackage;
  readonly function: Resource;
  readonly functionCode: Resource;
  readonly url: Resource;
  readonly moves: readonly AliasMove[];
  readonly reported: readonly string[];
  /** The function's current state in the fake. */
  live(): FakeFunction;
}

export interface FunctionBenchOptions {
  readonly settings?: Partial<FunctionSettings>;
  readonly busy?: number;
  /** The fake Lambda of an earlier run. */
  readonly lambda?: FakeLambda;
  readonly code?: FakePackage;
  readonly run?: Partial<Run>;
  readonly signal?: AbortSignal;
  readonly reservedConcurrency?: number;
  /** Whether the user manages the role. */
  readonly ownRole?: boolean;
  readonly authType?: 'NONE' | 'AWS_IAM';
  /** Whether the config has a "url". Then `function-url` manages the policy of the alias. */
  readonly hasUrl?: boolean;
  readonly patience?: Partial<Patience>;
}

export function functionBench(options: FunctionBenchOptions = {}): FunctionBench {
  const { settings = {}, busy = 1, lambda = fakeLambda({ busy }), code = fakePackage() } = options;
  const iam = fakeIam(ACCOUNT);
  const aws = fakeAws({ lambda: lambda.handlers, iam: iam.handlers });
  const moves: AliasMove[] = [];
  const reported: string[] = [];
  const context = contextFor(aws.clients, REGION, options.signal && { signal: options.signal });
  const shared = {
    settings: { ...SETTINGS, ...settings },
    code: deployedPackage(code, { show: (text) => reported.push(text), ...options.run }),
    // The fake counts waits in reads, so pauses can be short.
    calls: functionCalls(NAME, aws.clients.lambda, context.signal, { firstPause: 1, ...options.patience }),
  };
  const alias = functionAlias(NAME, aws.clients.lambda, shared.calls, (move) => moves.push(move));
  return {
    aws,
    lambda,
    iam,
    code,
    moves,
    reported,
    function: lambdaFunction(
      {
        id: `function/${NAME}`,
        needs: [],
        codeId: `function-code/${NAME}`,
        withAliasPolicy: options.hasUrl !== true,
        reservedConcurrency: options.reservedConcurrency,
        managedRole: options.ownRole ? undefined : { policy: ROLE_POLICY, allowedBy: '"statements"' },
        ...shared,
      },
      context,
    ),
    functionCode: functionCode({ id: `function-code/${NAME}`, needs: [`function/${NAME}`], alias, ...shared }, context),
    url: functionUrl(
      {
        id: `function-url/${NAME}`,
        needs: [`function-code/${NAME}`],
        functionName: NAME,
        authType: options.authType ?? 'NONE',
        cors: { allowOrigins: ['https://resume.example.com'], allowMethods: ['GET'] },
        calls: shared.calls,
      },
      context,
    ),
    live() {
      const existing = lambda.functions.get(NAME);
      if (existing === undefined) throw new Error('the function does not exist');
      return existing;
    },
  };
}
