/** What a PartiQL statement for DynamoDB is allowed by. */
export interface PartiqlRight {
  /** `dynamodb:PartiQLSelect` */
  readonly action: string;
  /** `Visits`, `Visits/index/page` */
  readonly table: string;
}

const NAME = `"?([\\w.-]+)"?`;

/**
 * The parts of a statement that decide its action and its resource
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html).
 */
const FORMS: readonly (readonly [string, RegExp])[] = [
  ['Select', new RegExp(`^\\s*select\\b[\\s\\S]*?\\bfrom\\s+${NAME}(?:\\."?([\\w.-]+)"?)?`, 'i')],
  ['Insert', new RegExp(`^\\s*insert\\s+into\\s+${NAME}`, 'i')],
  ['Update', new RegExp(`^\\s*update\\s+${NAME}`, 'i')],
  ['Delete', new RegExp(`^\\s*delete\\s+from\\s+${NAME}`, 'i')],
];

/** Undefined for any other statement. */
export function partiqlRight(statement: string): PartiqlRight | undefined {
  for (const [verb, form] of FORMS) {
    const [, table, index] = form.exec(statement) ?? [];
    if (table === undefined) continue;
    return { action: `dynamodb:PartiQL${verb}`, table: index === undefined ? table : `${table}/index/${index}` };
  }
  return undefined;
}
