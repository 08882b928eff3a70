import { posix } from 'node:path';
import { type Place, partitionOf, tableArn } from '../../aws/arns.ts';
import { functionPolicy } from '../../config/role-documents.ts';
import type { FunctionConfig } from '../../config/schema.ts';
import type { Finding } from '../../engine/types.ts';
import { abbreviated } from '../../enumerated.ts';
import { groupBy } from '../../group-by.ts';
import type { SdkCall, SourceText } from '../../package/sdk-calls/call.ts';
import { asJson } from '../../policies/canonical.ts';
import { accessFor, isTableAction } from '../../policies/execution.ts';
import { overlap } from '../../policies/glob.ts';
import { allows } from '../../policies/rights.ts';
import type { Reference } from '../../terraform/permissions/reference.ts';
import { rightsOf } from '../../terraform/permissions/sdk-call.ts';
import type { MissingRight } from '../context.ts';

export interface RightsInput {
  readonly functionConfig: FunctionConfig;
  /** Its path in the config: `functions[0]`. */
  readonly path: string;
  readonly place: Place;
  readonly calls: readonly SdkCall[];
  readonly reference: Reference;
}

/** The maximum number of locations in a text. */
const MAX_PLACES = 3;

/** A permission that a call in the source needs. */
interface Need {
  readonly action: string;
  /** With `*` for parts that are not in the source. */
  readonly resource: string;
  readonly call: SdkCall;
}

/**
 * The permissions that the source needs and the execution role in the config does not grant, each with the config to
 * add.
 */
export function missingRights(input: RightsInput): readonly MissingRight[] {
  const { functionConfig, place, path } = input;
  const { name, source, table, role } = functionConfig;
  if (role !== undefined) return [];
  const needs = needsOf(input);
  const policy = asJson(functionPolicy(functionConfig, place));
  const ownTable = table === undefined ? undefined : tableArn(place, table.name);
  const isOfTable = ({ action, resource }: Need) =>
    ownTable !== undefined && isTableAction(action) && overlap(resource, ownTable);
  const access = accessFor(needs.filter(isOfTable).map(({ action }) => action));
  return needs
    .filter(({ action, resource }) => !allows(policy, action, resource))
    .map((need) => ({
      function: name,
      action: need.action,
      resource: need.resource,
      call: need.call.text,
      file: posix.join(source, need.call.path),
      line: need.call.line,
      allow:
        isOfTable(need) && access !== undefined
          ? { path: `${path}.table.access`, value: access }
          : {
              path: `${path}.statements`,
              value: { Effect: 'Allow', Action: need.action, Resource: need.resource },
            },
    }));
}

/** Remarks about the permissions that the source needs. */
export function rightsRemarks(
  input: RightsInput,
  missing: readonly MissingRight[],
): Pick<Finding, 'warnings' | 'notes'> {
  const { role, source, table } = input.functionConfig;
  const needs = role === undefined ? [] : needsOf(input);
  const places = needs.map(({ action, call }) => ({
    ...call,
    action,
    call: call.text,
    file: posix.join(source, call.path),
  }));
  return {
    warnings: [...groupBy(missing, ({ allow }) => JSON.stringify(allow)).values()].map((rights) =>
      warningOf(rights, table !== undefined),
    ),
    notes: needs.length === 0 ? [] : [`crc does not know what ${role} allows; the source needs ${actionsText(places)}`],
  };
}

function needsOf({ calls, place, reference, functionConfig: { environment = {} } }: RightsInput): readonly Need[] {
  const where = { ...place, partition: partitionOf(place.region) };
  const textOf = (text: SourceText) => ('value' in text ? text.value : (environment[text.variable] ?? text.otherwise));
  return calls.flatMap((call) => {
    const known = Object.entries(call.parameters).flatMap(([name, text]) => {
      const value = textOf(text);
      return value === undefined ? [] : [[name, value] as const];
    });
    const { service, name: operation, parts } = call;
    const rights = rightsOf({ service, operation, parts, parameters: Object.fromEntries(known) }, where, reference);
    return (rights ?? []).map((right) => ({ ...right, call }));
  });
}

function warningOf(rights: readonly MissingRight[], hasTable: boolean): string {
  const [first] = rights;
  if (first === undefined) return '';
  const { path, value } = first.allow;
  const lacks = `${path}: the function's role does not allow ${actionsText(rights)}.`;
  if (typeof value === 'string') return `${lacks} Write "access": "${value}" in "table" in the config.`;
  const { Action, Resource } = value;
  const statement = `{ "Effect": "Allow", "Action": "${Action}", "Resource": "${Resource}" }`;
  // The resource has a name that is not in the source: `table/*`, `:::*`.
  const narrow = /:(?:[\w-]+\/)?\*(?:\/\*)?$/.test(Resource) ? ', with a name in place of *' : '';
  const isTable = hasTable && isTableAction(Action) && /:table\/[^/*]+$/.test(Resource);
  const own = isTable ? ` If that is the function's own table, write its name in "table".` : '';
  return `${lacks} Add ${statement} to "statements" in the config${narrow}.${own}`;
}

interface PlacedAction {
  readonly action: string;
  readonly call: string;
  readonly file: string;
  readonly line: number;
}

/** `dynamodb:GetItem (get_item in fn/app.py:9), dynamodb:PutItem (put_item in fn/app.py:13)` */
function actionsText(rights: readonly PlacedAction[]): string {
  return [...groupBy(rights, ({ action }) => action)]
    .map(([action, ofAction]) => {
      const places = [...new Set(ofAction.map(({ call, file, line }) => `${call} in ${file}:${line}`))];
      return `${action} (${abbreviated(places, MAX_PLACES)})`;
    })
    .join(', ');
}
