import { literal } from '../../literal.ts';
import type { Names } from './names.ts';
import type { Reference, ResourceType } from './reference.ts';
import { plainName } from './services.ts';
import type { Values } from './values.ts';

/** The destination of a call. */
export interface Where {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
}

const VARIABLE = /\$\{(\w+)\}/g;

/**
 * A pattern from the reference with its variables filled in: partition, region and account from `where`, others by
 * `value`.
 */
export function filled(pattern: string, where: Where, value: (variable: string) => string): string {
  return pattern.replace(VARIABLE, (_, variable: string) => {
    if (variable === 'Partition') return where.partition;
    if (variable === 'Region') return where.region;
    if (variable === 'Account') return where.accountId;
    return value(variable);
  });
}

/** The variables in a pattern, except for partition, region and account. */
export function variablesOf(pattern: string): readonly string[] {
  return [...pattern.matchAll(VARIABLE)]
    .map(([, name = '']) => name)
    .filter((name) => !['Partition', 'Region', 'Account'].includes(name));
}

/** The values in an ARN for the variables of a matching pattern. */
export function valuesByPattern(arn: string, pattern: string): ReadonlyMap<string, string> | undefined {
  // Names may contain slashes (a role's path), ids do not: if both readings match, the strict one is right.
  for (const anything of ['[^:/]+', '.+']) {
    const names: string[] = [];
    const source = pattern.split(VARIABLE).map((part, index) => {
      if (index % 2 === 0) return literal(part);
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

/** A recorded ARN for a statement: in the statements' account, with `*` for values that AWS assigns. */
export function statementArn(arn: string, reference: Reference, names: Names): string {
  const [, , service = ''] = arn.split(':');
  const patterns = reference.allArns(service).filter((pattern) => valuesByPattern(arn, pattern) !== undefined);
  // The pattern with the most literal text is the most specific.
  const [best] = patterns.sort((a, b) => textOf(b).length - textOf(a).length);
  return best === undefined ? withAccount(names.stable(arn), names) : byPattern(arn, best, names);
}

/** A recorded ARN, converted with a pattern that it must match. */
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

/** The ARN of a resource in a request, as far as the request contains it. */
export interface RequestedArn {
  readonly arn: string;
  /** Whether the request contains every part of the ARN that the user chooses. */
  readonly known: boolean;
}

/**
 * ARNs of one resource type: from names in the request that identify the resource, otherwise from ARNs in the request.
 * `isNamed`: whether a `Name` or `Id` in the request, without a type, belongs to a resource of this type.
 */
export function requestedArns(
  { name, arns }: ResourceType,
  isNamed: boolean,
  values: Values,
  where: Where,
  names: Names,
): readonly RequestedArn[] {
  return arns.flatMap((pattern) => {
    const variables = variablesOf(pattern);
    const [only, ...more] = variables;
    // `brokers/b-1` may be the name or the id in `broker:${BrokerName}:${BrokerId}`.
    const isAmbiguous = (variable: string) =>
      stemOf(variable) !== '' && variables.some((other) => other !== variable && stemOf(other) === stemOf(variable));
    const isSubject = (variable: string) => (variable === only && more.length === 0) || isOf(variable, name);
    const exactly = (variable: string) =>
      isAmbiguous(variable)
        ? firstOf([variable], values)
        : exactValue(variable, isSubject(variable) ? name : undefined, isNamed, values);
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
        (variable) =>
          exactly(variable) ?? (isNamed && isSubject(variable) ? genericValue(variable, values) : undefined),
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
): RequestedArn {
  let known = true;
  const arn = filled(pattern, where, (variable) => {
    const value = textOfVariable(variable);
    if (value === undefined) known = false;
    return value === undefined ? '*' : names.value(variable, value);
  });
  return { arn, known };
}

/** Parameters whose names differ from those of their variables. */
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

/**
 * Values that ARNs spell differently from requests: https://docs.aws.amazon.com/waf/latest/APIReference/API_WebACL.html
 */
const SPELLINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Scope: { CLOUDFRONT: 'global', REGIONAL: 'regional' },
};

/**
 * For `${TableName}` of a `table`: `TableName`, `Table`, `TableNames`, or `tables/visits` in a path. `type`: if the
 * variable names a resource of that type. `isNamed`: whether `Name` and `Id` without a type are such a resource's.
 */
function exactValue(variable: string, type: string | undefined, isNamed: boolean, values: Values): string | undefined {
  const stem = stemOf(variable);
  const spellings =
    stem === '' && !isNamed ? [] : [variable, `${variable}s`, stem, `${stem}Name`, `${stem}Id`, `${stem}Identifier`];
  const byType = type === undefined ? [] : [type, `${type}Name`, `${type}Id`];
  const value = firstOf([...spellings, ...byType, ...(OTHER_NAMES[variable] ?? [])], values);
  return SPELLINGS[variable]?.[value ?? ''] ?? value ?? deepValue(variable, values);
}

/** `Name` of the resource that the call is about. */
function genericValue(variable: string, values: Values): string | undefined {
  return firstOf(/Id$/.test(variable) ? ['Id', 'Identifier'] : ['Name', 'Names', 'Identifier'], values);
}

function firstOf(spellings: readonly string[], values: Values): string | undefined {
  return spellings
    .filter((name) => plainName(name) !== '')
    .flatMap((name) => values.named(name))
    .find((value) => !isArn(value));
}

/** A nested name, as in `{"Budget":{"BudgetName":…}}`; `Name` and `Id` alone could belong to anything. */
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
