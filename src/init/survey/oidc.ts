import { isMap, isScalar, isSeq, type Pair, parse, parseDocument, type YAMLMap } from 'yaml';
import { isCredentialsAction } from '../../github/reader/credentials-action.ts';
import { type Node, nodeOf, textOf } from '../../github/reader/yaml-node.ts';
import { jobsWithKeys, KEY_INPUT } from './workflows.ts';

/** The replacement for access keys in a job. */
export interface OidcLogin {
  readonly roleArn: string;
  readonly region: string;
  /** The environment that the role trusts; undefined if the role trusts the job without one. */
  readonly environment: string | undefined;
}

export interface OidcInput {
  readonly text: string;
  /** By job name; undefined to leave the job unchanged. */
  readonly login: (job: string) => OidcLogin | undefined;
  /** The action for logging in, with its version: `aws-actions/configure-aws-credentials@v6`. */
  readonly action: string;
}

/** Lines that replace those from `start` (counted from 0) up to but excluding `end`; an insertion if both are equal. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

/**
 * The text of a workflow whose jobs log in through OIDC instead of with access keys; all other lines are unchanged.
 * Undefined if it must be changed manually: a file with flow mappings or anchors, keys that another step still uses, or
 * a workflow that others call, since GitHub refuses to start it until every caller has the permission too.
 */
export function withOidc({ text, login, action }: OidcInput): string | undefined {
  const before = safelyParsed(text);
  if (before === undefined || isCalled(before)) return undefined;
  const jobs = jobsWithKeys(before).filter((name) => login(name) !== undefined);
  const document = parseDocument(text);
  const file: File = { text, workflow: before, action };
  const root = document.contents;
  if (!isMap(root) || jobs.length === 0) return undefined;
  const edits = [
    ...environmentEdits(file, root),
    ...jobs.flatMap((name) => {
      const job = root.getIn(['jobs', name]);
      const wanted = login(name);
      return isMap(job) && wanted !== undefined ? jobEdits(file, name, job, wanted) : [];
    }),
  ];
  const changed = applied(text, edits);
  return isRight(safelyParsed(changed), jobs, login) ? changed : undefined;
}

interface File {
  readonly text: string;
  readonly workflow: Node;
  readonly action: string;
}

function safelyParsed(text: string): Node | undefined {
  try {
    return nodeOf(parse(text, { logLevel: 'error', merge: true }));
  } catch {
    // Invalid YAML is left unchanged.
    return undefined;
  }
}

/** Whether other workflows can call it. */
function isCalled({ on }: Node): boolean {
  if (Array.isArray(on)) return on.includes('workflow_call');
  return on === 'workflow_call' || 'workflow_call' in nodeOf(on);
}

/**
 * Checks that no job has a key any more, and that each may request a token and uses the environment that its role
 * trusts.
 */
function isRight(workflow: Node | undefined, jobs: readonly string[], login: OidcInput['login']): boolean {
  if (workflow === undefined || jobsWithKeys(workflow).some((name) => jobs.includes(name))) return false;
  return jobs.every((name) => {
    const { permissions, environment } = nodeOf(nodeOf(workflow.jobs)[name]);
    const wanted = login(name)?.environment;
    const presented = textOf(nodeOf(environment).name ?? environment);
    if (wanted !== undefined && presented !== wanted) return false;
    const given = permissions ?? workflow.permissions;
    return given === 'write-all' || nodeOf(given)['id-token'] === 'write';
  });
}

function jobEdits(file: File, name: string, job: YAMLMap, login: OidcLogin): readonly Edit[] {
  const steps = job.get('steps');
  const stepsPair = pairOf(job, 'steps');
  if (!isSeq(steps) || steps.flow || stepsPair === undefined) return [];
  // Another action with such inputs does not know `role-to-assume`.
  const logsIn = steps.items
    .filter(isMap)
    .filter((step) => isCredentialsAction(textOf(step.get('uses'))) && keyPairs(step.get('with')).length > 0);
  const [first] = steps.items;
  const indent = ' '.repeat(columnOf(file.text, startOf(stepsPair)));
  return [
    ...environmentEdits(file, job),
    ...steps.items.filter(isMap).flatMap((step) => environmentEdits(file, step)),
    ...logsIn.flatMap((step) => inputEdits(file, step, login)),
    // The keys are only in an environment, so no step logs in yet.
    ...(logsIn.length > 0 || !isMap(first) ? [] : [loginStep(file, steps.items, login)]),
    ...permissionEdits(file, name, job, indent),
    ...(login.environment === undefined || job.has('environment')
      ? []
      : [insertion(file.text, startOf(stepsPair), [`${indent}environment: ${login.environment}`])]),
  ];
}

/** Removes keys from the `env` of a workflow, job or step, and the `env` itself if that makes it empty. */
function environmentEdits({ text }: File, owner: YAMLMap): readonly Edit[] {
  const env = pairOf(owner, 'env');
  const pairs = keyPairs(env?.value);
  if (env === undefined || !isMap(env.value) || pairs.length === 0) return [];
  const isWhole = pairs.length === env.value.items.length;
  return (isWhole ? [env] : pairs).map((pair) => ({ ...linesOf(text, pair), lines: [] }));
}

/** Replaces the key id with `role-to-assume`, and removes the other parts of the key. */
function inputEdits({ text }: File, step: YAMLMap, login: OidcLogin): readonly Edit[] {
  const given = step.get('with');
  const hasRegion = isMap(given) && given.has('aws-region');
  return keyPairs(given).map((pair, index) => {
    const indent = ' '.repeat(columnOf(text, startOf(pair)));
    const lines = [
      `${indent}role-to-assume: ${login.roleArn}`,
      ...(hasRegion ? [] : [`${indent}aws-region: ${login.region}`]),
    ];
    return { ...linesOf(text, pair), lines: index === 0 ? lines : [] };
  });
}

/** A login step after the checkout, with which most jobs begin. */
function loginStep({ text, action }: File, steps: readonly unknown[], login: OidcLogin): Edit {
  const maps = steps.filter(isMap);
  const checkout = maps.findIndex((step) => textOf(step.get('uses')).startsWith('actions/checkout@'));
  const next = maps[checkout + 1];
  const [first] = maps;
  const dash = columnOf(text, text.lastIndexOf('-', startOfNode(first)));
  const indent = ' '.repeat(dash);
  const lines = [
    `${indent}- uses: ${action}`,
    `${indent}  with:`,
    `${indent}    role-to-assume: ${login.roleArn}`,
    `${indent}    aws-region: ${login.region}`,
  ];
  const at = next === undefined ? endOfNode(maps.at(-1)) : startOfNode(next);
  const line = lineAt(text, next === undefined ? Math.max(at - 1, 0) : at) + (next === undefined ? 1 : 0);
  return { start: line, end: line, lines };
}

/** A job's own permissions replace the workflow's, so the workflow's are copied. */
function permissionEdits({ text, workflow }: File, name: string, job: YAMLMap, indent: string): readonly Edit[] {
  const own = pairOf(job, 'permissions');
  if (own !== undefined) {
    const { value } = own;
    if (!isMap(value) || value.flow || value.has('id-token')) return [];
    const [first] = value.items;
    if (first === undefined) return [];
    const inner = ' '.repeat(columnOf(text, startOf(first)));
    return [insertion(text, startOf(first), [`${inner}id-token: write`])];
  }
  const outer = workflow.permissions;
  if (outer === 'write-all' || nodeOf(outer)['id-token'] === 'write') return [];
  const steps = pairOf(job, 'steps');
  // `read-all` must be expanded manually.
  if (steps === undefined || typeof outer === 'string' || nodeOf(nodeOf(workflow.jobs)[name]).steps === undefined)
    return [];
  const inherited = outer === undefined ? { contents: 'read' } : nodeOf(outer);
  return [
    insertion(text, startOf(steps), [
      `${indent}permissions:`,
      ...Object.entries(inherited).map(([scope, access]) => `${indent}  ${scope}: ${textOf(access)}`),
      `${indent}  id-token: write`,
    ]),
  ];
}

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find(({ key }) => isScalar(key) && key.value === name);
}

function keyPairs(map: unknown): readonly Pair[] {
  if (!isMap(map) || map.flow) return [];
  return map.items.filter(({ key }) => isScalar(key) && KEY_INPUT.test(String(key.value)));
}

function startOfNode(node: unknown): number {
  return (isMap(node) || isScalar(node) || isSeq(node) ? node.range?.[0] : undefined) ?? 0;
}

/** After the value, before a trailing comment. */
function endOfNode(node: unknown): number {
  return (isMap(node) || isScalar(node) || isSeq(node) ? node.range?.[1] : undefined) ?? 0;
}

function startOf({ key }: Pair): number {
  return startOfNode(key);
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length - 1;
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

function linesOf(text: string, pair: Pair): { readonly start: number; readonly end: number } {
  const start = startOf(pair);
  const end = Math.max(endOfNode(pair.value), start + 1);
  return { start: lineAt(text, start), end: lineAt(text, end - 1) + 1 };
}

function insertion(text: string, offset: number, lines: readonly string[]): Edit {
  const line = lineAt(text, offset);
  return { start: line, end: line, lines };
}

function applied(text: string, edits: readonly Edit[]): string {
  const eol = text.includes('\r\n') ? '\r' : '';
  const lines = text.split('\n');
  // Last to first, so that earlier line numbers stay valid; insertions at the same line keep their order.
  const ordered = edits
    .map((edit, index) => ({ ...edit, index }))
    .sort((a, b) => b.start - a.start || b.end - a.end || b.index - a.index);
  for (const { start, end, lines: put } of ordered) lines.splice(start, end - start, ...put.map((line) => line + eol));
  return lines.join('\n');
}
