import { jsonSchema } from '../../src/config/json-schema.ts';

/** The parts of JSON Schema that the page uses. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

interface Row {
  /** Relative to the section, for example `trust.repository` in `roles`. */
  readonly key: string;
  readonly schema: Schema;
  readonly required: boolean;
}

const INTRODUCTION = `# Config

crc looks for \`crc.config.json\` in the working directory and its parent folders; \`--config FILE\` chooses another file. It is JSON, and
may contain comments and trailing commas. [config.example.json](../config.example.json) is a complete example, and \`crc init\` writes
yours. Unknown keys and invalid values are rejected, with their line and column, before anything is sent to AWS.

<!-- Generated from the schema in src/config: npm run docs -->
`;

const NOTES = `## What a role gets for a state

It may list the bucket, read that key and its workspaces (with \`"access": "write"\`, also write them), use both kinds of lock for that
key only, and use the KMS key if there is one; all of it only in your account. \`crc plan --details\` shows the policy.

## Subjects

GitHub's subject is compared byte by byte with the subjects that the role trusts, in which \`*\` and \`?\` are wildcards. crc rejects
subjects that GitHub never sends (\`ref:main\`, \`refs/heads/main\`, \`ref:refs/pull/*\`), and characters that are invisible or look like
others. Write an environment's name unchanged, including spaces (\`"environment:Production EU"\`), except for colons, which GitHub sends
as \`%3A\`.
`;

/** docs/config.md: every config key in schema order. */
export function configPage(): string {
  const { properties = {}, required = [] } = jsonSchema() as Schema;
  const keys = Object.entries(properties).map(([key, schema]) => ({ key, schema, required: required.includes(key) }));
  const isSection = ({ schema }: Row) => inner(schema).length > 0;
  return [
    INTRODUCTION,
    '## Top level\n',
    table(keys),
    ...keys
      .filter(isSection)
      .flatMap(({ key, schema }) => [
        `## \`${key}${schema.items === undefined ? '' : '[]'}\`\n`,
        `${schema.description ?? ''}\n`,
        table(inner(schema)),
      ]),
    NOTES,
  ].join('\n');
}

/** The keys of a schema, with nested keys after their parent. */
function inner(schema: Schema, prefix = ''): readonly Row[] {
  const { properties = {}, required = [], items, anyOf = [] } = schema;
  return [
    ...Object.entries(properties).flatMap(([name, property]) => {
      const key = `${prefix}${name}`;
      const nested = inner(property, `${key}${property.items === undefined ? '' : '[]'}.`);
      return [{ key, schema: property, required: required.includes(name) }, ...nested];
    }),
    ...(items === undefined ? [] : inner(items, prefix)),
    ...anyOf.flatMap((alternative) => inner(alternative, prefix)),
  ];
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ key, schema, required }) => [
    `\`${key}\``,
    [schema.description ?? '', ...choice(schema)].filter(Boolean).join(' '),
    required ? 'required' : schema.default === undefined ? '' : code(schema.default),
    schema.examples?.[0] === undefined ? '' : code(schema.examples[0]),
  ]);
  const head = ['Key', 'What it is', 'Default', 'Example'];
  const cells = [head, ...lines].map((line) => line.map(cell));
  const widths = head.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const rule = widths.map((width) => '-'.repeat(width));
  const [first = [], ...rest] = cells;
  // Aligned like Biome does.
  const aligned = [first, rule, ...rest].map((line) => line.map((text, at) => text.padEnd(widths[at] ?? 0)));
  return `${aligned.map((line) => `| ${line.join(' | ')} |`).join('\n')}\n`;
}

/** The allowed values, unless the description already lists them. */
function choice({ enum: values = [], description = '' }: Schema): readonly string[] {
  if (values.length === 0 || values.every((value) => description.includes(String(value)))) return [];
  return [`One of ${values.map(code).join(', ')}.`];
}

function code(value: unknown): string {
  const json = JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ').replace(/\[ /g, '[').replace(/ \]/g, ']');
  return `\`${json}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}

/** The examples of all keys with their paths: `roles[0].trust.repository`. */
export function examplesByPath(): readonly (readonly [path: string, example: unknown])[] {
  return inner(jsonSchema() as Schema).flatMap(({ key, schema: { examples = [] } }) =>
    examples.map((example) => [key.replaceAll('[]', '[0]'), example] as const),
  );
}

/** Keys without a description, which editors and the page show. */
export function undescribedKeys(): readonly string[] {
  const all = inner(jsonSchema() as Schema);
  return all.filter(({ schema }) => !/[a-z].*\.$/s.test(schema.description ?? '')).map(({ key }) => key);
}
