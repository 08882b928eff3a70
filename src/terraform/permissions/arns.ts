import type { Names } from './names.ts';
import type { Reference, ResourceType } from './reference.ts';
import { plainName } from './services.ts';
import type { Values } from './values.ts';

/** Where a call goes to. */
export interface Where {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
}

const VARIABLE = /\$\{(\w+)\}/g;

/** A pattern of the reference with the place in it, and each other variable as `value` has it. */
export function filled(pattern: string, where: Where, value: (variable: string) => string): string {
  return pattern.replace(VARIABLE, (_, variable: string) => {
    if (variable === 'Partition') return where.partition;
    if (variable === 'Region') return where.region;
    if (variable === 'Account') return where.accountId;
    return value(variable);
  });
}

/** Variables of a pattern beside the place. */
export function variablesOf(pattern: string): readonly string[] {
  return [...pattern.matchAll(VARIABLE)]
    .map(([, name = '']) => name)
    .filter((name) => !['Partition', 'Region', 'Account'].includes(name));
}

/** The values of an ARN by the variables of a pattern that it matches. */
export function valuesByPattern(arn: string, pattern: string): ReadonlyMap<string, string> | undefined {
  // Names may have slashes in them (a role's path), ids have none: the strict reading is the right one where both match.
  for (const anything of ['[^:/]+', '.+']) {
    const names: string[] = [];
    const source = pattern.split(VARIABLE).map((part, index) => {
      if (index % 2 === 0) return part.replace(/[.*+?^$()|[\]\\{}]/g, '\\$&');
      names.push(part);
      return part === 'Region' || part === 'Account' ? '([^:]*)' : `(${anything})`;
    });
    const match = new RegExp(`^${source.join('')}$`).exec(arn);
    if (match !== null) return new Map(names.map((name, index) => [name, match[index + 1] ?? '']));
  }
  return undefined;
}

/** Whether a text is an ARN. */
export function isArn(text: string): boolean {
  return /^arn:[\w-]+:[\w-]+:[\w-]*:(\d{12}|aws)?:./.test(text);
}

/** A recorded ARN as a statement has it: with what AWS gives as `*`, in the account of the statements. */
export function statementArn(arn: string, reference: Reference, names: Names): string {
  const [, , service = ''] = arn.split(':');
  const patterns = reference.allArns(service).filter((pattern) => valuesByPattern(arn, pattern) !== undefined);
  // The one with the most text of its own says the most.
  const [best] = patterns.sort((a, b) => textOf(b).length - textOf(a).length);
  return best === undefined ? withAccount(names.stable(arn), names) : byPattern(arn, best, names);
}

/** A recorded ARN by one pattern, which it must match. */
export function byPattern(arn: string, pattern: string, names: Names): string {
  const values = valuesByPattern(arn, pattern) ?? new Map();
  const where = {
    partition: values.get('Partition') ?? arn.split(':')[1] ?? '',
    region: values.get('Region') ?? '',
    accountId: names.account(values.get('Account') ?? ''),
  };
  return filled(pattern, where, (variable) => names.value(variable, values.get(variable) ?? ''));
}

function withAccount(arn: string, names: Names): string {
  const [head, partition, service, region, account = '', ...rest] = arn.split(':');
  return [head, partition, service, region, names.account(account), ...rest].join(':');
}

function textOf(pattern: string): string {
  return pattern.replace(VARIABLE, '');
}

/** What a request says of one resource type. */
export interface Named {
  readonly arn: string;
  /** All that a user chooses of it is in the request. */
  readonly known: boolean;
}

/** ARNs of one resource type, by names in the request that say which one is meant, else by an ARN of it in the request. */
export function namedBy({ name, arns }: ResourceType, values: Values, where: Where, names: Names): readonly Named[] {
  return arns.flatMap((pattern) => {
    const [only, ...more] = variablesOf(pattern);
    const isSubject = (variable: string) => (variable === only && more.length === 0) || isOf(variable, name);
    const exactly = (variable: string) => exactValue(variable, isSubject(variable) ? name : undefined, values);
    const exact = filledBy(pattern, exactly, where, names);
    if (exact.known) return [exact];
    const matching = values.all.filter(({ value }) => isArn(value) && valuesByPattern(value, pattern) !== undefined);
    if (matching.length > 0) {
      return [...new Set(matching.map(({ value }) => byPattern(value, pattern, names)))].map((arn) => ({
        arn,
        known: true,
      }));
    }
    return [
      filledBy(
        pattern,
        (variable) => exactly(variable) ?? (isSubject(variable) ? genericValue(variable, values) : undefined),
        where,
        names,
      ),
    ];
  });
}

function filledBy(
  pattern: string,
  textOfVariable: (variable: string) => string | undefined,
  where: Where,
  names: Names,
): Named {
  let known = true;
  const arn = filled(pattern, where, (variable) => {
    const value = textOfVariable(variable);
    if (value === undefined) known = false;
    return value === undefined ? '*' : names.value(variable, value);
  });
  return { arn, known };
}

/** Parameters that mean a variable and have another name. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  CacheSubnetGroupName: ['CacheSubnetGroupName'],
  ClusterParameterGroupName: ['DBClusterParameterGroupName'],
  DbClusterInstanceName: ['DBClusterIdentifier'],
  DbInstanceName: ['DBInstanceIdentifier'],
  GroupFriendlyName: ['AutoScalingGroupName', 'AutoScalingGroupNames'],
  KeyPairName: ['KeyName'],
  ParameterGroupName: ['DBParameterGroupName'],
  SubnetGroupName: ['DBSubnetGroupName'],
  TaskDefinitionFamilyName: ['Family'],
};

/** `${TableName}` of a `table`: `TableName`, `Table`, `TableNames`, or `tables/visits` in a path. `type` if it names one of that. */
function exactValue(variable: string, type: string | undefined, values: Values): string | undefined {
  const stem = stemOf(variable);
  const spellings = [variable, `${variable}s`, stem, `${stem}Name`, `${stem}Id`, `${stem}Identifier`];
  const byType = type === undefined ? [] : [type, `${type}Name`, `${type}Id`];
  return firstOf([...spellings, ...byType, ...(OTHER_NAMES[variable] ?? [])], values) ?? deepValue(variable, values);
}

/** `Name` of what the call is about. */
function genericValue(variable: string, values: Values): string | undefined {
  return firstOf(/Id$/.test(variable) ? ['Id', 'Identifier'] : ['Name', 'Names', 'Identifier'], values);
}

function firstOf(spellings: readonly string[], values: Values): string | undefined {
  return spellings
    .filter((name) => plainName(name) !== '')
    .flatMap((name) => values.named(name))
    .find((value) => !isArn(value));
}

/** A name further down, as in `{"Budget":{"BudgetName":…}}`; `Name` and `Id` alone could be of anything. */
function deepValue(variable: string, values: Values): string | undefined {
  if (stemOf(variable) === '') return undefined;
  const plain = plainName(variable);
  return values.all.find(({ key, value }) => plainName(key) === plain && !isArn(value))?.value;
}

/** Whether a variable names the type itself: `TableName` of a `table`, `Id` of a `hostedzone`. */
function isOf(variable: string, type: string): boolean {
  const stem = plainName(stemOf(variable));
  return stem === '' || stem === plainName(type);
}

function stemOf(variable: string): string {
  return variable.replace(/(Name|Id|Identifier)$/, '');
}
