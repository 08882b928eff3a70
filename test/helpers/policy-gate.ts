import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { runSimulation, runUnsafeSimulation, type Simulation } from '@cloud-copilot/iam-simulate';
import { tagsOfArn } from './arn-tags.ts';
import { ACCOUNT } from './context.ts';
import { associationEnds, resourceTags } from './ec2-tags.ts';
import { type Check, checksOf, iamPathOf, signatureOf, tagsCheckOf, type WireRequest } from './wire.ts';

/** The identity behind an access key, and its policies. */
export interface Principal {
  readonly arn: string;
  readonly policies: readonly object[];
  readonly boundary?: object;
}

/** A loopback proxy in front of an emulator that allows or denies each request like IAM. */
export interface PolicyGate {
  readonly endpoint: string;
  /** By access key. The key `testing` is allowed everything. */
  readonly principals: Map<string, Principal>;
  /** By bucket name. Tests that access objects delete the emulator's own copy of the policy. */
  readonly bucketPolicies: Map<string, object>;
  /** Requests that the gate could not evaluate. It rejects them with 501. */
  readonly undecided: string[];
  /** Every action that was evaluated. */
  readonly checked: { readonly action: string; readonly resource: string; readonly allowed: boolean }[];
  stop(): Promise<void>;
}

const ADMIN = 'testing';

/** The start of condition keys for the tags with which crc marks its resources. */
const TAG_CONDITION = 'aws:ResourceTag/crc:';

export async function startPolicyGate(target: string): Promise<PolicyGate> {
  const paths = new Map<string, string>();
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const wire: WireRequest = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: incoming.headers,
      body: body.toString('utf8'),
    };
    let hidden: Check | undefined;
    try {
      const { key, service, region } = signatureOf(wire);
      const path = service === 'iam' ? iamPathOf(wire) : undefined;
      if (path !== undefined) paths.set(...path);
      const checks = key === ADMIN ? [] : await withEc2Tags(target, region, checksOf(wire, paths));
      const denied = await firstDenied(checks, key);
      const tags = key === ADMIN ? undefined : tagsCheckOf(wire);
      hidden = denied !== undefined || tags === undefined ? undefined : await firstDenied([tags], key);
      if (denied !== undefined) {
        deny(service, denied, gate.principals.get(key)?.arn ?? key, wire, response);
        return;
      }
    } catch (error) {
      // A request that the gate cannot evaluate must not count as allowed.
      gate.undecided.push(String(error));
      response.writeHead(501).end(String(error));
      return;
    }
    const forwarded = request(
      `${target}${incoming.url}`,
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        if (hidden !== undefined && answer.statusCode === 200) return void respondWithoutTags(answer, hidden, response);
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    forwarded.on('error', () => response.destroy());
    forwarded.end(body);
  });

  async function firstDenied(checks: readonly Check[], key: string): Promise<Check | undefined> {
    let denied: Check | undefined;
    for (const check of checks) {
      const principal = gate.principals.get(key);
      const needsTags =
        check.resource.startsWith('arn:') && JSON.stringify(principal?.policies).includes(TAG_CONDITION);
      const context = needsTags ? { ...(await tagsOfArn(target, check.resource)), ...check.context } : check.context;
      const allowed = await isAllowed({ ...check, context }, principal, gate.bucketPolicies);
      gate.checked.push({ action: check.action, resource: check.resource, allowed });
      if (!allowed) denied ??= check;
    }
    return denied;
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const gate: PolicyGate = {
    endpoint: `http://127.0.0.1:${address.port}`,
    principals: new Map(),
    bucketPolicies: new Map(),
    undecided: [],
    checked: [],
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return gate;
}

async function isAllowed(
  { action, resource, context = {} }: Check,
  principal: Principal | undefined,
  bucketPolicies: ReadonlyMap<string, object>,
): Promise<boolean> {
  if (principal === undefined) return false;
  const bucket = /^arn:aws:s3:::([^/]+)/.exec(resource)?.[1];
  const simulation: Simulation = {
    request: {
      principal: principal.arn,
      action,
      resource: { resource, accountId: ACCOUNT },
      contextVariables: { 'aws:SecureTransport': 'true', 'aws:ResourceAccount': ACCOUNT, ...context },
    },
    identityPolicies: principal.policies.map((policy, index) => ({ name: `policy${index}`, policy })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: action.startsWith('kms:') ? DEFAULT_KEY_POLICY : bucket && bucketPolicies.get(bucket),
    ...(principal.boundary === undefined
      ? {}
      : { permissionBoundaryPolicies: [{ name: 'boundary', policy: principal.boundary }] }),
  };
  // Two services share this prefix in AWS's reference, and the library only knows the resource types of the older one.
  if (action.startsWith('apigateway:')) return runUnsafeSimulation(simulation, {}) === 'Allowed';
  const result = await runSimulation(simulation, {});
  if (result.resultType === 'error') throw new Error(`${action} on ${resource}: ${JSON.stringify(result.errors)}`);
  return result.overallResult === 'Allowed';
}

/**
 * The default key policy, which delegates access control to IAM policies:
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
 */
const DEFAULT_KEY_POLICY = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' }],
};

/** GetFunction without lambda:ListTags succeeds, but returns an error instead of the tags. */
async function respondWithoutTags(answer: IncomingMessage, { action, resource }: Check, response: ServerResponse) {
  const { Tags: _, ...rest } = (await json(answer)) as Record<string, unknown>;
  const Message = `User: limited is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
  const TagsError = { ErrorCode: 'AccessDeniedException', Message };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...rest, TagsError }));
}

/**
 * Adds the tags of EC2 resources to the context. For a route table association, the resource becomes one of its ends.
 */
async function withEc2Tags(target: string, region: string, checks: readonly Check[]): Promise<readonly Check[]> {
  return await Promise.all(
    checks.map(async ({ tagsOf, association, ...check }) => {
      if (tagsOf === undefined) return check;
      const ends = association === undefined ? {} : await associationEnds(target, region, association);
      const id = ends[tagsOf] ?? tagsOf;
      const tags = await resourceTags(target, region, id);
      const resource = association === undefined ? check.resource : check.resource.replace(/[^/]+$/, id);
      return { ...check, resource, context: { ...check.context, ...tags } };
    }),
  );
}

/** Services with XML responses, unless a client names its operation in a header: then it speaks JSON. */
const XML: ReadonlySet<string> = new Set(['cloudfront', 'iam', 'monitoring', 'route53', 'sns', 'sts']);

/** AWS's AccessDenied response in the protocol of the service. */
function deny(service: string, { action, resource }: Check, arn: string, wire: WireRequest, response: ServerResponse) {
  const message = `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
  if (service === 's3') {
    const body = `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`;
    response.writeHead(403, { 'content-type': 'application/xml' }).end(wire.method === 'HEAD' ? undefined : body);
  } else if (service === 'ec2') {
    const body = `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>${message}</Message></Error></Errors><RequestID>r</RequestID></Response>`;
    response.writeHead(403, { 'content-type': 'text/xml' }).end(body);
  } else if (XML.has(service) && wire.headers['x-amz-target'] === undefined) {
    const body = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`;
    response.writeHead(403, { 'content-type': 'text/xml' }).end(body);
  } else if (service === 'lambda' || service === 'apigateway') {
    const headers = { 'content-type': 'application/json', 'x-amzn-errortype': 'AccessDeniedException' };
    response.writeHead(403, headers).end(JSON.stringify({ Message: message }));
  } else {
    const body = { __type: 'com.amazon.coral.service#AccessDeniedException', Message: message };
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
  }
}
