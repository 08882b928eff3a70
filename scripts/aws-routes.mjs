/**
 * Writes src/terraform/permissions/log/routes.json, which maps method and path to an operation for services whose
 * requests do not name it. The source is botocore's service models
 * (https://github.com/boto/botocore/tree/develop/botocore/data, Apache-2.0), whose folder is the argument: `node
 * scripts/aws-routes.mjs BOTOCORE/data && npm run format`. AWS never changes a route, so rerun it only to pick up new
 * operations.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/**
 * Model folders of services that are commonly set up with Terraform. S3 is missing because its operations also depend
 * on the query.
 */
const SERVICES = [
  'amp',
  'amplify',
  'apigateway',
  'apigatewayv2',
  'appconfig',
  'appsync',
  'backup',
  'batch',
  'bedrock',
  'bedrock-runtime',
  'cloudfront',
  'codeartifact',
  'efs',
  'eks',
  'grafana',
  'guardduty',
  'kafka',
  'lambda',
  'mq',
  'opensearch',
  'pipes',
  'polly',
  'ram',
  'resource-explorer-2',
  'resource-groups',
  'route53',
  's3control',
  'scheduler',
  'schemas',
  'sesv2',
  'synthetics',
  'xray',
];

const [, , data] = process.argv;
if (data === undefined) throw new Error('usage: node scripts/aws-routes.mjs BOTOCORE/data');

/** @type {Record<string, Record<string, string[]>>} */
const routes = {};
for (const service of SERVICES) {
  const { metadata, operations } = model(data, service);
  const signingName = metadata.signingName ?? metadata.endpointPrefix;
  const rows = Object.entries(operations).map(([name, { http }]) => row(name, http));
  routes[signingName] = { ...routes[signingName], [metadata.serviceId]: rows.sort() };
}
writeFileSync(new URL('../src/terraform/permissions/log/routes.json', import.meta.url), `${JSON.stringify(routes)}\n`);

/**
 * `GET /v2/apis/{} GetApi`: the path without a leading API version, and with `{}` for parameters.
 *
 * @param {string} name
 * @param {{ method: string, requestUri: string }} http
 */
function row(name, { method, requestUri }) {
  const path = requestUri
    .replace(/^\/\d{4}-\d\d-\d\d(?=\/)/, '')
    .replace(/\{[^}]*?(\+?)\}/g, '{$1}')
    .replace(/\/$/, '');
  return `${method} ${path} ${name}`;
}

/**
 * The newest model of a service.
 *
 * @param {string} folder
 * @param {string} service
 */
function model(folder, service) {
  const version = readdirSync(join(folder, service)).sort().at(-1) ?? '';
  const file = join(folder, service, version, 'service-2.json');
  return JSON.parse(existsSync(file) ? readFileSync(file, 'utf8') : gunzipSync(readFileSync(`${file}.gz`)).toString());
}
