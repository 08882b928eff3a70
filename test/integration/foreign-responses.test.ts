import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { project } from '../helpers/configs.ts';
import { planDocumentSchema } from '../helpers/documents.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { startProxy, type WireProxy } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';

/** Responses from a proxy or firewall between crc and AWS to every read except GetCallerIdentity. */
const FOREIGN_RESPONSES: readonly (readonly [string, (response: ServerResponse) => void])[] = [
  ['an empty 200', (response) => response.end()],
  ['an empty object', (response) => response.end('{}')],
  ['an empty list', (response) => response.end('[]')],
  ['a 204', (response) => response.writeHead(204).end()],
  ["a gateway's JSON", (response) => response.end('{"message":"ok"}')],
  ['a page', (response) => response.end('<html><body>Please log in</body></html>')],
  ['a redirection', (response) => response.writeHead(302, { location: 'https://login.example.com/' }).end()],
  ['a 404 page', (response) => response.writeHead(404).end('<html>Not Found</html>')],
  ["a gateway's 404", (response) => response.writeHead(404).end('{"message":"not found"}')],
  ['a 404 without content', (response) => response.writeHead(404).end()],
];

describeWith('moto', 'responses that do not come from AWS', () => {
  const moto = useMotoForAll();
  const cwd = project();
  let proxy: WireProxy;
  beforeAll(async () => {
    proxy = await startProxy(moto().endpoint);
    expect((await crc('bootstrap', '--yes')).code).toBe(0);
  });
  afterAll(() => proxy.stop());

  async function crc(...args: readonly string[]) {
    proxy.calls.length = 0;
    const env = { ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint };
    const { code, stdout } = await runCli([...args, '--json'], { cwd, env });
    return { code, stdout, writes: proxy.calls.filter(({ write, name }) => write && name !== 'GetCallerIdentity') };
  }

  const answerReads = (strike: (response: ServerResponse) => void) => {
    proxy.intercept = async ({ write, name }, _, response) => {
      if (write || name === 'GetCallerIdentity') return 'pass';
      strike(response);
      return 'handled';
    };
  };

  describe.each(FOREIGN_RESPONSES)('%s', (_, strike) => {
    it.each([
      ['verify', 'verify'],
      ['bootstrap', 'bootstrap --yes'],
      ['destroy', 'destroy --confirm abcdef-terraform-state --delete-state'],
    ])('are reported neither as absent nor as in sync: %s writes nothing and exits with 1', async (_, line) => {
      answerReads(strike);
      const { code, stdout, writes } = await crc(...line.split(' '));
      expect([code, writes]).toEqual([1, []]);
      expect(stdout).toContain('something other than AWS answered');
      if (line.startsWith('destroy')) expect(stdout).not.toContain('"absent"');
      else {
        const { findings } = planDocumentSchema.parse(JSON.parse(stdout));
        expect(new Set(findings.map(({ status }) => status))).toEqual(new Set(['unread']));
      }
    });
  });

  it('a 404 to a HEAD request does not mean absence while other reads of the bucket succeed', async () => {
    proxy.intercept = async ({ method }, _, response) => {
      if (method !== 'HEAD') return 'pass';
      response.writeHead(404, { 'x-amz-request-id': 'r' }).end();
      return 'handled';
    };
    const { code, stdout, writes } = await crc('bootstrap', '--yes', '--only', 'state-bucket');
    const { findings } = planDocumentSchema.parse(JSON.parse(stdout));
    expect([code, findings[0]?.status, writes]).toEqual([1, 'unread', []]);
    expect(findings[0]?.error?.message).toContain('one request reports that it does not exist');
  });

  it('lists with repeated pages are detected', async () => {
    proxy.intercept = async ({ name }, _, response) => {
      if (name !== 'ListAttachedRolePolicies') return 'pass';
      const result = '<AttachedPolicies/><IsTruncated>true</IsTruncated><Marker>a</Marker>';
      response.end(`<${name}Response><${name}Result>${result}</${name}Result></${name}Response>`);
      return 'handled';
    };
    const { code, stdout } = await crc('verify');
    const { findings } = planDocumentSchema.parse(JSON.parse(stdout));
    expect([code, findings.find(({ id }) => id.startsWith('role/'))?.status]).toEqual([1, 'unread']);
    expect(stdout).toContain('a list whose pages repeat');
  });
});
