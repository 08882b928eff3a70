import * as z from 'zod';
import { errorDocumentSchema } from './documents/common.ts';
import { DOCUMENTS } from './documents.ts';

/** The parts of JSON Schema that the page uses. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

const INTRODUCTION = `# JSON output

<!-- Generated from the schemas in test/helpers/documents.ts: npm run docs -->

With \`--json\`, every command prints exactly one JSON document to stdout. The documents are versioned (\`"version": 1\`): keys may be added,
while removing a key or changing its meaning increases the version. Exit codes are the same as for text output.

In the forms below, \`"key"?\` may be missing, \`|\` separates alternatives, and \`…\` means any number of the same.
Environment values are never shown: \`environment.KEY\` is \`"(as in the config)"\`, \`"(another value)"\`, or absent.
`;

/** docs/json.md: the document of each command. Commands with the same document share a section. */
export function jsonPage(): string {
  const schemas = [...new Set(Object.values(DOCUMENTS))];
  const commandsOf = (schema: z.ZodType) => Object.keys(DOCUMENTS).filter((name) => DOCUMENTS[name] === schema);
  return [
    INTRODUCTION,
    ...schemas.map((schema) => section(commandsOf(schema).join(', '), schema)),
    section('Errors', errorDocumentSchema, 'Any command that ends with an error prints this:'),
  ].join('\n');
}

function section(title: string, schema: z.ZodType, prose?: string): string {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input' });
  const lines = formOf(json as Schema);
  return [`## ${title}`, '', ...(prose === undefined ? [] : [prose, '']), '```jsonc', ...lines, '```', ''].join('\n');
}

/** A schema as lines of text. The first line is not indented. */
function formOf(schema: Schema): readonly string[] {
  const { properties, required = [], items, prefixItems, anyOf, oneOf } = schema;
  const choice = anyOf ?? oneOf;
  if (choice !== undefined) return choiceOf(choice);
  if (properties !== undefined) {
    const keys = Object.entries(properties);
    return block(keys.map(([key, value]) => [`"${key}"${required.includes(key) ? '' : '?'}`, value]));
  }
  if (prefixItems !== undefined) return [`[${prefixItems.map((item) => formOf(item).join(' ')).join(', ')}]`];
  if (items !== undefined) return enclosed('[', formOf(items), ', …]');
  if (schema.type === 'object') {
    const { additionalProperties } = schema;
    const isOpen = typeof additionalProperties !== 'object' || Object.keys(additionalProperties).length === 0;
    return isOpen ? ['{ … }'] : enclosed('{ "…": ', formOf(additionalProperties), ', … }');
  }
  return [scalarOf(schema)];
}

function scalarOf({ $ref, type, const: constant, enum: values }: Schema): string {
  if ($ref !== undefined) return 'any value';
  if (constant !== undefined) return JSON.stringify(constant);
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(' | ');
  return type ?? 'any value';
}

/** Alternatives, separated by `|`. A multi-line alternative starts on the last line of the previous one. */
function choiceOf(schemas: readonly Schema[]): readonly string[] {
  const forms = schemas.map(formOf);
  if (forms.every((form) => form.length === 1)) return [forms.flat().join(' | ')];
  return forms.reduce((before, form) => [
    ...before.slice(0, -1),
    `${before.at(-1)} | ${form[0] ?? ''}`,
    ...form.slice(1),
  ]);
}

/** The lines of an object, with each key's description at the end of its first line. */
function block(keys: readonly (readonly [name: string, schema: Schema])[]): readonly string[] {
  const entries = keys.map(([name, schema], index) => {
    const lines = formOf(schema);
    const separated = [...lines.slice(0, -1), `${lines.at(-1)}${index === keys.length - 1 ? '' : ','}`];
    const comment = schema.description === undefined ? '' : ` // ${schema.description}`;
    return [`${name}: ${separated[0]}${comment}`, ...separated.slice(1)];
  });
  const short = `{ ${entries.flat().join(' ')} }`;
  const fits = short.length <= 100 && keys.every(([, { description }]) => description === undefined);
  return fits ? [short] : ['{', ...entries.flat().map((line) => `  ${line}`), '}'];
}

function enclosed(before: string, lines: readonly string[], after: string): readonly string[] {
  if (lines.length === 1) return [`${before}${lines[0]}${after}`];
  return [`${before}${lines[0]}`, ...lines.slice(1, -1), `${lines.at(-1)}${after}`];
}
