import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { watchCalls } from '../../src/aws/calls.ts';
import { isClockProblem } from '../../src/aws/clock.ts';
import { explain } from '../../src/aws/explain.ts';
import { isPassingLimit } from '../../src/aws/limits.ts';
import type { ServiceName } from '../../src/aws/services.ts';
import { environmentValues } from '../../src/config/environment-values.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { alreadyExists, isInProgress, isRoleNotReady } from '../../src/resources/function/errors.ts';
import { Secrets } from '../../src/secrets.ts';
import { exampleConfig } from '../helpers/configs.ts';
import { SETTINGS, sendTo } from '../helpers/fake-aws.ts';
import { CLIENTS } from '../helpers/sdk-clients.ts';
import { CLIENT_MODULES, INPUT } from '../recorded/clients.ts';
import { type CallName, RECORDED, recorded } from '../recorded/index.ts';
import { responseOf } from '../recorded/script.ts';

/** A realistic example of each kind of secret. */
const EXAMPLES = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  temporaryKey: 'ASIAIOSFODNN7EXAMPLE',
  sessionToken: `FwoGZXIvYXdzE${'a1B+c2D3e4F5/'.repeat(4)}${'kL9mN0pQ2rS4'.repeat(12)}==`,
  jsonWebToken: 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvOm8vciJ9.c2lnbmF0dXJl',
  presigned: '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0',
  password: 'pa55word-of-a-proxy',
  secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  environment: 'db-password "42" of the function',
} as const;

const QUOTING = [
  `the request of ${EXAMPLES.accessKey} and ${EXAMPLES.temporaryKey}`,
  `x-amz-security-token:${EXAMPLES.sessionToken}`,
  `the token ${EXAMPLES.sessionToken} and ${EXAMPLES.jsonWebToken} are not known`,
  `https://b.s3.amazonaws.com/k?X-Amz-Credential=${EXAMPLES.accessKey}%2F20261125&X-Amz-Signature=${EXAMPLES.presigned}&X-Amz-Security-Token=${EXAMPLES.sessionToken}`,
  `Authorization: AWS4-HMAC-SHA256 Credential=${EXAMPLES.accessKey}/20261125/eu-west-2/s3/aws4_request, SignedHeaders=host, Signature=${EXAMPLES.presigned}`,
  `the proxy http://me:${EXAMPLES.password}@proxy.example:8080 refused`,
  `the secret ${EXAMPLES.secretKey} is wrong`,
  `Value '${EXAMPLES.environment}' at 'environment' failed; {"DB":${JSON.stringify(EXAMPLES.environment)}}`,
].join('; ');

/** Error names that lead to different messages. */
const NAMES = [
  ...['ExpiredToken', 'InvalidClientTokenId', 'SignatureDoesNotMatch', 'InvalidIdentityToken', 'RequestTimeTooSkewed'],
  ...['AccessDenied', 'AccessDeniedException', 'RegionDisabledException', 'LimitExceededException', 'TooManyBuckets'],
  ...['ThrottlingException', 'SlowDown', 'InternalError', 'InvalidParameterValueException', 'ValidationException'],
  ...['PermanentRedirect', 'InvalidRequest', 'Odd'],
];

const CALLS = Object.entries(RECORDED).flatMap(([service, calls]) =>
  Object.keys(calls).map((operation) => `${service}:${operation}` as CallName),
);

function withEncodings(): Secrets {
  const secrets = new Secrets();
  secrets.add(EXAMPLES.secretKey, EXAMPLES.environment);
  return secrets;
}

/** Everything that crc prints about an error with this name, status and message. */
async function outputFor(call: CallName, name: string, status: number, message: string): Promise<string> {
  const [service, operation] = call.split(':') as [ServiceName, string];
  const module = await CLIENT_MODULES[service]();
  const Command = module[`${operation}Command`] as new (input: object) => object;
  const isXml = service === 's3' || service === 'iam' || service === 'sts';
  const escaped = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const inner = `<Error><Code>${name}</Code><Message>${escaped}</Message></Error>`;
  const body = isXml
    ? service === 's3'
      ? inner
      : `<ErrorResponse>${inner}</ErrorResponse>`
    : JSON.stringify({ __type: name, message });
  const headers = { 'x-amzn-errortype': name };
  const requestHandler = { handle: async () => responseOf({ status, headers, body, source: '' }) } as never;
  const client = new CLIENTS[service]({ ...SETTINGS, maxAttempts: 1, requestHandler });
  const secrets = withEncodings();
  client.middlewareStack.use(
    watchCalls(service, { read: 0, write: 0 }, () => undefined, {
      region: SETTINGS.region,
      secrets,
    }),
  );
  const error: unknown = await sendTo(client, new Command(INPUT)).catch((thrown: unknown) => thrown);
  const explained = explain(error, 'thing');
  return [explained.message, explained.hint, explained.stack, (error as Error).stack].join('\n');
}

const leaks = (text: string) => Object.values(EXAMPLES).filter((secret) => text.includes(secret));

describe('no explanation shows', () => {
  it('a credential or an environment value, whatever the call and the error', async () => {
    const quoted = fc.tuple(fc.string({ unit: 'grapheme-ascii' }), fc.string({ unit: 'grapheme-ascii' }));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...CALLS.filter((call) => !/Head|Invoke/.test(call))),
        fc.constantFrom(...NAMES),
        fc.constantFrom(301, 400, 403, 404, 409, 429, 500, 503),
        quoted,
        async (call, name, status, [before, after]) => {
          const output = await outputFor(
            call,
            name,
            status,
            `${before.replace(/[<&]/g, '')} ${QUOTING} ${after.replace(/[<&]/g, '')}`,
          );
          expect(leaks(output)).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('the cause of the error itself', () => {
    const inner = new Error(`cause: ${EXAMPLES.secretKey}`);
    const error = new AggregateError([new Error(QUOTING)], 'several', { cause: inner });
    withEncodings().cleanError(error);
    expect(leaks([error.errors[0].message, error.errors[0].stack, inner.message, inner.stack].join())).toEqual([]);
  });
});

function isCapacityAdvice(error: unknown): boolean {
  return explain(error).message.includes('capacity cannot be reduced again yet');
}

describe('a decision on the message of an error', () => {
  it.each<[CallName, string, string, (error: unknown) => boolean]>([
    ['lambda:CreateFunction', 'role-not-assumable', 'Lambda', isRoleNotReady],
    ['lambda:CreateAlias', 'exists', 'exists', alreadyExists],
    ['lambda:UpdateFunctionCode', 'in-progress', 'progress', isInProgress],
    ['dynamodb:CreateTable', 'busy', 'simultaneously', isPassingLimit],
    ['dynamodb:UpdateTable', 'decreases-used-up', 'decreases', isCapacityAdvice],
    ['sts:GetCallerIdentity', 'clock-behind', 'expired', isClockProblem],
  ])(
    '%s, %s: is the same if "%s" is an environment value, which is hidden in it',
    async (call, situation, value, decides) => {
      const [service, operation] = call.split(':') as [ServiceName, string];
      const module = await CLIENT_MODULES[service]();
      const Command = module[`${operation}Command`] as new (input: object) => object;
      const answer = recorded(call, situation);
      const requestHandler = { handle: async () => ('status' in answer ? responseOf(answer) : undefined) } as never;
      const client = new CLIENTS[service]({ ...SETTINGS, maxAttempts: 1, requestHandler });
      const secrets = new Secrets();
      secrets.add(value);
      client.middlewareStack.use(watchCalls(service, { read: 0, write: 0 }, () => undefined, { secrets }));
      const error: unknown = await sendTo(client, new Command(INPUT)).catch((thrown: unknown) => thrown);
      expect((error as Error).message).toContain('***');
      expect(decides(error)).toBe(true);
    },
  );
});

describe('a reason in a successful answer', () => {
  const reason = `the value ${EXAMPLES.environment} of ${EXAMPLES.accessKey} is wrong`;
  const withReason = { StateReason: reason, LastUpdateStatusReason: reason };
  const answer = async (operation: string, body: object) => {
    const module = await CLIENT_MODULES.lambda();
    const Command = module[`${operation}Command`] as new (input: object) => object;
    const requestHandler = {
      handle: async () => responseOf({ status: 200, headers: {}, body: JSON.stringify(body), source: '' }),
    } as never;
    const client = new CLIENTS.lambda({ ...SETTINGS, maxAttempts: 1, requestHandler });
    client.middlewareStack.use(
      watchCalls('lambda', { read: 0, write: 0 }, () => undefined, { secrets: withEncodings() }),
    );
    return JSON.stringify(await sendTo(client, new Command(INPUT)));
  };

  it.each([
    ['GetFunction', { Configuration: withReason }],
    ['UpdateFunctionConfiguration', withReason],
    ['PublishVersion', withReason],
    ['ListVersionsByFunction', { Versions: [withReason] }],
  ])('contains none either: %s', async (operation, body) => {
    const message = await answer(operation, body);
    expect(message).toContain('the value *** of *** is wrong');
    expect(leaks(message)).toEqual([]);
  });

  it('and compared values are unchanged', async () => {
    const variables = { StateReason: EXAMPLES.environment };
    expect(await answer('GetFunction', { Configuration: { Environment: { Variables: variables } } })).toContain(
      JSON.stringify(variables).slice(1, -1),
    );
  });
});

describe('an environment value', () => {
  const hide = (text: string, ...values: readonly string[]) => {
    const secrets = new Secrets();
    secrets.add(...values);
    return secrets.hide(text);
  };

  it('is removed from any message that contains it, in every encoding', () => {
    // Excludes characters that occur in the placeholder or in the syntax of JSON and URLs.
    const value = fc
      .string({ minLength: 4, unit: 'grapheme' })
      .filter((text) => text.trim().length >= 4 && !'***'.includes(text));
    fc.assert(
      fc.property(value, fc.string(), fc.string(), (secret, before, after) => {
        for (const encoded of [secret, JSON.stringify(secret), encodeURIComponent(secret)]) {
          const output = hide(`${before}${encoded}${after}`, secret).replaceAll('***', '\n\n');
          expect(output.includes(secret)).toBe(false);
        }
      }),
    );
  });

  it.each([
    ['a short one is kept in prose', 'it is one of 5 in eu', ['is', '5', 'eu'], 'it is one of 5 in eu'],
    ['and removed where it is quoted', `Value 'eu' at "5"`, ['eu', '5'], `Value '***' at "***"`],
    ['the longest is replaced first', 'secret-and-more', ['secret', 'secret-and-more'], '***'],
    ['half a character is not an error', 'a \ud800bcd', ['\ud800bcd'], 'a ***'],
    ['only spaces are not a secret', 'a b', [' ', ''], 'a b'],
    ['signs of patterns are signs', `'.*' xx`, ['.*'], `'***' xx`],
  ])('%s', (_, text, values, expected) => {
    expect(hide(text, ...values)).toBe(expected);
  });

  it('is not a secret if the config contains it elsewhere', () => {
    const config = exampleConfig();
    config.functions[0].environment = {
      TABLE_NAME: 'Visits',
      STAGE: 'eu-west-2',
      PASSWORD: 'hunter2',
      COPY: 'hunter2',
    };
    expect(environmentValues(parseConfig(JSON.stringify(config), 'crc.config.json'))).toEqual(['hunter2']);
  });

  it('leaves names, ARNs, digests and thumbprints as they are', () => {
    const text =
      'arn:aws:iam::123456789012:role/R 1b511abead59c6ce207077c0bf0e0043b1382612 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
    expect(hide(text)).toBe(text);
  });
});
