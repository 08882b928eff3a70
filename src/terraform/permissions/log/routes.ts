import ROUTES from './routes.json' with { type: 'json' };

/** A request to a service of Smithy's REST protocols: https://smithy.io/2.0/spec/http-bindings.html */
export interface RoutedRequest {
  readonly method: string;
  /** As it was sent, not decoded: an ARN in it is one segment. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

export interface RoutedOperation {
  /** The SDK's name of the service: `ApiGatewayV2` */
  readonly service: string;
  /** `GetApis` */
  readonly operation: string;
}

interface Route extends RoutedOperation {
  readonly method: string;
  readonly segments: readonly string[];
  /** What the query must have, each with its value, or an empty one for any. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

/** Services by the name that requests are signed for; scripts/aws-routes.mjs writes them. */
const SERVICES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = ROUTES;

/** The operation that a method and a path are; undefined where crc does not know the service or the path. */
export function routedOperation(signingName: string, request: RoutedRequest): RoutedOperation | undefined {
  const segments = segmentsOf(request.path.replace(/^\/\d{4}-\d\d-\d\d(?=\/)/, ''));
  const [best] = routesOf(signingName)
    .filter((route) => fits(route, request, segments))
    .sort(byNarrowest);
  return best === undefined ? undefined : { service: best.service, operation: best.operation };
}

function routesOf(signingName: string): readonly Route[] {
  return Object.entries(SERVICES[signingName] ?? {}).flatMap(([service, rows]) =>
    rows.map((row) => {
      const [method = '', uri = '', operation = ''] = row.split(' ');
      const { pathname, searchParams } = new URL(uri.replaceAll('{', '%7B').replaceAll('}', '%7D'), 'http://aws');
      const segments = segmentsOf(pathname).map((segment) => decodeURIComponent(segment));
      return { service, operation, method, segments, query: [...searchParams] };
    }),
  );
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function fits({ method, segments, query }: Route, request: RoutedRequest, given: readonly string[]): boolean {
  return (
    method === request.method &&
    query.every(([name, value]) => name in request.query && (value === '' || request.query[name] === value)) &&
    isPath(segments, given)
  );
}

/** `{}` is one segment, `{+}` one or more. */
function isPath([first, ...rest]: readonly string[], given: readonly string[]): boolean {
  if (first === undefined) return given.length === 0;
  const [segment, ...remaining] = given;
  if (segment === undefined) return false;
  if (first === '{+}') return given.some((_, at) => isPath(rest, given.slice(at + 1)));
  return (first === '{}' || first === segment) && isPath(rest, remaining);
}

/** What asks more of the query is narrower, then what is literal further to the left, then what is longer. */
function byNarrowest(a: Route, b: Route): number {
  const rank = ({ segments }: Route) =>
    `${segments.map((segment) => (segment === '{+}' ? '2' : segment === '{}' ? '1' : '0')).join('')}3`;
  return b.query.length - a.query.length || (rank(a) < rank(b) ? -1 : 1);
}
