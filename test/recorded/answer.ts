import { actionsOf } from '../../src/aws/actions.ts';
import type { ServiceName } from '../../src/aws/services.ts';
import { ACCOUNT, REGION } from '../helpers/context.ts';

/** An AWS response. Its names are those of config.example.json. */
export interface WireForm {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /**
   * Where the answer was found. A recording or a thread that quotes it is the source of its exact text. With
   * `COMPOSED`, only name and status are known, and the text was written for the tests.
   */
  readonly source: string;
}

/** Modifies the normal response, for JSON responses that depend on the content of the account. */
export interface ChangedForm {
  readonly change: (answer: Readonly<Record<string, unknown>>) => Record<string, unknown>;
  readonly source: string;
}

export type RecordedAnswer = WireForm | ChangedForm;

/** Marks a source whose exact text is unknown. crc must not depend on such a text. */
export const COMPOSED = '; words composed for the tests';

/** Source of texts that were reported from real accounts, without a thread to cite. */
export const REPORTED = 'quoted in reports from real accounts';

/** Why a call cannot have this answer. */
export interface Never {
  readonly never: string;
}

/** Every call of crc has an entry for each of these. */
export const SITUATIONS = ['absent', 'denied', 'throttled', 'busy'] as const;

export type Situation = (typeof SITUATIONS)[number];

/** The answers of a call: the four situations, and others that have occurred. */
export type CallAnswers = Readonly<Record<Situation, RecordedAnswer | Never>> &
  Readonly<Record<string, RecordedAnswer | Never>>;

export const never = (reason: string): Never => ({ never: reason });

export const CREATES = never('it creates what is absent');
export const READS = never('reads are answered while a change is in progress');

export const ARNS = {
  bucket: 'arn:aws:s3:::abcdef-terraform-state',
  table: `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/abcdef-terraform-locking`,
  role: `arn:aws:iam::${ACCOUNT}:role/GitHubActionsTerraformRole`,
  provider: `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`,
  function: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:IncrementVisits`,
  logGroup: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/lambda/IncrementVisits`,
} as const;

const REQUEST_ID = 'c0ffee00-0000-4000-8000-000000000001';
const USER = `arn:aws:iam::${ACCOUNT}:user/u`;

/** IAM's message if no policy allows a call. All services return it since 2021, S3 since 2024. */
export function deniedMessage(service: ServiceName, operation: string, resource: string): string {
  const [action] = actionsOf(service, operation);
  return `User: ${USER} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
}

/** S3: XML, with `RequestId` and `HostId` also in headers. */
export function s3Error(status: number, code: string, message: string, source: string, details = ''): WireForm {
  return {
    status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': 'C0FFEE0000000001', 'x-amz-id-2': 'host' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${xml(message)}</Message>${details}<RequestId>C0FFEE0000000001</RequestId><HostId>host</HostId></Error>`,
    source,
  };
}

/** HEAD responses have no body, only status and headers. */
export function headError(status: number, source: string, headers: Readonly<Record<string, string>> = {}): WireForm {
  return {
    status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': 'C0FFEE0000000001', ...headers },
    body: '',
    source,
  };
}

/** XML namespaces of the services with the query protocol, as in their models. */
const NAMESPACES = {
  iam: 'https://iam.amazonaws.com/doc/2010-05-08/',
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
};

/** IAM and STS: query protocol with XML responses. */
export function queryError(
  service: keyof typeof NAMESPACES,
  status: number,
  code: string,
  message: string,
  source: string,
): WireForm {
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': REQUEST_ID },
    body: `<ErrorResponse xmlns="${NAMESPACES[service]}">\n  <Error>\n    <Type>Sender</Type>\n    <Code>${code}</Code>\n    <Message>${xml(message)}</Message>\n  </Error>\n  <RequestId>${REQUEST_ID}</RequestId>\n</ErrorResponse>\n`,
    source,
  };
}

/** DynamoDB: JSON 1.0. The name follows the namespace of the model, or of the front end that rejected the request. */
export function dynamoError(
  code: string,
  message: string,
  source: string,
  namespace = 'com.amazonaws.dynamodb.v20120810',
): WireForm {
  const key = namespace.includes('coral') ? 'Message' : 'message';
  return {
    status: 400,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': REQUEST_ID },
    body: JSON.stringify({ __type: `${namespace}#${code}`, [key]: message }),
    source,
  };
}

/** CloudWatch Logs and KMS: JSON 1.1. The name has no namespace. */
export function jsonError(code: string, message: string, source: string): WireForm {
  return {
    status: 400,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': REQUEST_ID },
    body: JSON.stringify({ __type: code, message }),
    source,
  };
}

/** Lambda: REST with JSON. The name is in a header. */
export function lambdaError(
  status: number,
  code: string,
  message: string,
  source: string,
  details: Readonly<Record<string, string>> = { Type: 'User' },
): WireForm {
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-requestid': REQUEST_ID, 'x-amzn-errortype': code },
    body: JSON.stringify({ ...details, Message: message }),
    source,
  };
}

/** A page that does not come from AWS: the login page of a network, or an error page of a proxy or load balancer. */
export function page(status: number, headers: Readonly<Record<string, string>> = {}): WireForm {
  return {
    status,
    headers: { 'content-type': 'text/html', ...headers },
    body: '<html><head><title>Sign in</title></head><body>Please sign in</body></html>',
    source: 'captive portals and proxies',
  };
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
