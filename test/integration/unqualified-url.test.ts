import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { project } from '../helpers/configs.ts';
import { planDocumentSchema } from '../helpers/documents.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { startProxy, type WireCall, type WireProxy } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';
import { ARNS } from '../recorded/answer.ts';
import { recorded } from '../recorded/index.ts';

const NAME = 'IncrementVisits';
const URL_OF_FUNCTION = 'https://abcdefgh.lambda-url.eu-west-2.on.aws/';

/** A statement that `aws lambda add-permission` creates: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html */
const statement = (Sid: string, Action: string, Condition: object) => ({
  Sid,
  Effect: 'Allow',
  Principal: '*',
  Action,
  Resource: ARNS.function,
  Condition,
});
const URL_STATEMENTS = [
  statement('FunctionURLAllowPublicAccess', 'lambda:InvokeFunctionUrl', {
    StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' },
  }),
  statement('FunctionURLAllowInvokeAction', 'lambda:InvokeFunction', {
    Bool: { 'lambda:InvokedViaFunctionUrl': 'true' },
  }),
];
const OTHER = { ...statement('Events', 'lambda:InvokeFunction', {}), Principal: { AWS: '123456789012' } };

/** URL and policy of the function without a qualifier, which Moto does not distinguish from those of its alias. */
interface OwnOfFunction {
  url: boolean;
  statements: readonly { readonly Sid: string }[];
}

type Answer = readonly [status: number, body: object | undefined];

/** AWS's answer to a call without a qualifier. Undefined for other calls. */
function answerOf(unqualified: OwnOfFunction, { method, path }: WireCall): Answer | undefined {
  const route = new RegExp(`/functions/${NAME}/(url|policy)(?:/(\\w+))?$`).exec(path);
  if (route === null) return undefined;
  const [, subresource, sid] = route;
  if (subresource === 'url') {
    if (!unqualified.url) return undefined;
    if (method === 'GET') {
      const CreationTime = '2024-03-01T10:00:00.000Z';
      const rest = { CreationTime, LastModifiedTime: CreationTime, InvokeMode: 'BUFFERED' };
      return [200, { AuthType: 'NONE', FunctionArn: ARNS.function, FunctionUrl: URL_OF_FUNCTION, ...rest }];
    }
    unqualified.url = false;
    return [204, undefined];
  }
  if (method === 'GET') {
    const Policy = JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: unqualified.statements });
    return [200, { Policy, RevisionId: 'c0ffee00-0000-4000-8000-000000000002' }];
  }
  unqualified.statements = unqualified.statements.filter(({ Sid }) => Sid !== sid);
  return [204, undefined];
}

describeWith('moto', 'a public URL of the unqualified function', () => {
  const moto = useMotoForAll();
  const cwd = project();
  const unqualified: OwnOfFunction = { url: true, statements: [...URL_STATEMENTS, OTHER] };
  let proxy: WireProxy;

  beforeAll(async () => {
    proxy = await startProxy(moto().endpoint);
    const created = await crc('bootstrap', '--yes', '--json');
    expect(created.code, created.stdout).toBe(0);
    proxy.intercept = async (call, _, response) => {
      const answer = answerOf(unqualified, call);
      if (answer !== undefined) send(response, ...answer);
      else if (isOfFunction(call, 'url')) absent(response);
      else return 'pass';
      return 'handled';
    };
  });
  afterAll(() => proxy.stop());

  const isOfFunction = ({ path }: WireCall, subresource: string) => path.endsWith(`/functions/${NAME}/${subresource}`);

  function send(response: ServerResponse, status: number, body: object | undefined): void {
    const headers = { 'content-type': 'application/json', 'x-amzn-requestid': 'c0ffee00-0000-4000-8000-000000000001' };
    response.writeHead(status, headers).end(body && JSON.stringify(body));
  }

  function absent(response: ServerResponse): void {
    const answer = recorded('lambda:GetFunctionUrlConfig', 'absent');
    if ('change' in answer) throw new Error('not a complete response');
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  async function crc(...args: readonly string[]) {
    proxy.calls.length = 0;
    const { code, stdout, stderr } = await runCli([...args], {
      cwd,
      env: { ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint },
    });
    const writes = proxy.calls
      .filter(({ write, name }) => write && name !== 'GetCallerIdentity')
      .map(({ method, path }) => `${method} ${path}`);
    return { code, stdout, stderr, writes };
  }

  async function changes(...args: readonly string[]) {
    const { stdout, ...run } = await crc(...args, '--json');
    const { findings } = planDocumentSchema.parse(JSON.parse(stdout));
    return { ...run, changes: findings.find(({ id }) => id === `function/${NAME}`)?.changes };
  }

  const EXPECTED_CHANGE = {
    kind: 'remove',
    path: 'url',
    live: URL_OF_FUNCTION,
    want: null,
    why: expect.stringContaining('past the alias'),
  };

  it('is drift that verify shows with its URL', async () => {
    expect(await changes('verify')).toMatchObject({ code: 2, writes: [], changes: [EXPECTED_CHANGE] });
  });

  it('is kept by bootstrap, which exits 1 and names the flag', async () => {
    const { code, writes, stdout, stderr } = await crc('bootstrap', '--yes');
    expect([code, writes]).toEqual([1, []]);
    expect(stdout).toContain(`- url  ${URL_OF_FUNCTION} (not in the config; needs --prune)`);
    expect(stderr).toContain('--prune');
  });

  it('is shown as what --prune removes, without a write', async () => {
    const { code, stdout, writes } = await crc('plan', '--prune');
    expect([code, writes]).toEqual([2, []]);
    expect(stdout).toContain('Plan: 1 to change, 1 public URL to remove, 9 in sync.');
  });

  it('is removed by --prune with its two permissions, and nothing else', async () => {
    const { code, writes, changes: removed } = await changes('bootstrap', '--prune', '--yes');
    expect([code, removed]).toEqual([0, [EXPECTED_CHANGE]]);
    const ofFunction = `/2015-03-31/functions/${NAME}/policy`;
    expect(writes).toEqual([
      `DELETE /2021-10-31/functions/${NAME}/url`,
      `DELETE ${ofFunction}/FunctionURLAllowPublicAccess`,
      `DELETE ${ofFunction}/FunctionURLAllowInvokeAction`,
    ]);
    expect(unqualified).toEqual({ url: false, statements: [OTHER] });
  });

  it('is not searched for again, and the URL of the alias is unchanged', async () => {
    expect(await changes('bootstrap', '--prune', '--yes')).toMatchObject({ code: 0, writes: [], changes: [] });
    expect(proxy.calls.filter((call) => isOfFunction(call, 'url'))).toEqual([]);
    expect((await crc('verify')).code).toBe(0);
  });
});

describe('the script of that URL', () => {
  it('forwards calls on the alias to the emulator', () => {
    const call = { method: 'GET', name: '', operation: undefined, write: false, invocation: undefined, body: '' };
    const unqualified = { url: true, statements: [] };
    expect(
      answerOf(unqualified, { ...call, path: `/2021-10-31/functions/${NAME}/url?Qualifier=live` }),
    ).toBeUndefined();
    expect(answerOf(unqualified, { ...call, path: `/2021-10-31/functions/${NAME}/url` })?.[0]).toBe(200);
  });
});
