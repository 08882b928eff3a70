import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { runCli, spawnCli } from '../helpers/cli.ts';
import { manyRoles, writeConfig } from '../helpers/configs.ts';
import { errorDocumentSchema, planDocumentSchema } from '../helpers/documents.ts';
import { benchAt } from '../helpers/moto.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const IDENTITY = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>AIDA</UserId><Account>123456789012</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>`;

let server: TestServer | undefined;
afterEach(async () => {
  await server?.stop();
});

/** Starts a server in place of AWS. Returns the environment that makes crc use it. */
async function inPlaceOfAws(answer: (response: ServerResponse, body: string) => void): Promise<Record<string, string>> {
  server = await startServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    answer(response, body);
  });
  return { ...benchAt(server.endpoint).env };
}

/** Sends only one signal, because a second one would end the process immediately. */
function once(run: () => void): () => void {
  let ran = false;
  return () => {
    if (!ran) run();
    ran = true;
  };
}

const isIdentity = (body: string) => body.includes('GetCallerIdentity');

describe('a signal during stalled responses', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends the run with a message, without waiting for deadlines', async (signal, exitCode) => {
    let stop: () => void = () => undefined;
    const env = await inPlaceOfAws((response, body) => {
      if (isIdentity(body)) response.end(IDENTITY, stop);
      else response.write('<half');
    });
    const result = await spawnCli(['verify', '--json'], {
      cwd: writeConfig(manyRoles(5)),
      env,
      started: (child) => {
        stop = once(() => child.kill(signal));
      },
    });
    expect(result.code).toBe(exitCode);
    const { findings } = planDocumentSchema.parse(JSON.parse(result.stdout));
    expect(new Set(findings.map(({ status }) => status))).toEqual(new Set(['unread']));
    expect(new Set(findings.map(({ error }) => error?.message))).toEqual(new Set(['Stopped before it was done.']));
    expect(result.stderr).toContain('Stopped. ');
  });

  it('cancels the MFA prompt, with a document', async () => {
    let stop: () => void = () => undefined;
    const env = await inPlaceOfAws((response) => response.write('<half', stop));
    const { code, stdout, stderr } = await spawnCli(['bootstrap', '--yes', '--json'], {
      cwd: writeConfig(manyRoles(1)),
      env,
      started: (child) => {
        stop = once(() => child.kill('SIGINT'));
      },
    });
    expect([code, stderr]).toEqual([130, expect.stringContaining('Stopping…')]);
    expect(errorDocumentSchema.parse(JSON.parse(stdout)).error.message).toBe('Stopped before it was done.');
  });
});

it('a hundred retried calls cause no warnings on stderr', async () => {
  let failed = 0;
  const env = await inPlaceOfAws((response, body) => {
    if (isIdentity(body)) response.end(IDENTITY);
    else {
      failed += 1;
      response.writeHead(500).end();
    }
  });
  const result = await runCli(['verify', '--json'], { cwd: writeConfig(manyRoles(20)), env });
  expect([result.code, failed > 300]).toEqual([1, true]);
  expect(result.stderr).not.toMatch(/warning/i);
});
