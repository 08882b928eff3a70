import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Block, blocksOf, stringAttribute, stringsOf } from '../../blocks.ts';

/** A folder with Terraform's files, read and not interpreted. */
export interface Module {
  /** Absolute. */
  readonly folder: string;
  readonly blocks: readonly Block[];
  /** All that stands in quotes in its files, the files of variables among them. */
  readonly strings: readonly string[];
  /** Texts of the files of variables that Terraform reads by itself in a root module. */
  readonly variables: readonly string[];
}

const CODE = /\.(tf|tofu)$/;
const JSON_CODE = /\.(tf|tofu)\.json$/;
const VARIABLES = /\.tfvars(\.json)?$/;
/** https://developer.hashicorp.com/terraform/language/values/variables#variable-definitions-tfvars-files */
const READ_BY_ITSELF = /^terraform\.tfvars(\.json)?$|\.auto\.tfvars(\.json)?$/;

/** Reads a module. A file that is no JSON although it is named so is Terraform's to complain about. */
export async function readModule(folder: string): Promise<Module> {
  const names = (await readdir(folder)).sort();
  const blocks: Block[] = [];
  const strings: string[] = [];
  const variables: string[] = [];
  for (const name of names) {
    if (!CODE.test(name) && !JSON_CODE.test(name) && !VARIABLES.test(name)) continue;
    const text = await readFile(join(folder, name), 'utf8');
    if (CODE.test(name)) blocks.push(...blocksOf(text));
    if (JSON_CODE.test(name)) blocks.push(...jsonBlocks(text));
    if (READ_BY_ITSELF.test(name)) variables.push(text);
    strings.push(...(name.endsWith('.json') ? quoted(text) : stringsOf(text)));
  }
  return { folder, blocks, strings, variables };
}

/** The key in its `backend "s3"` block, where that is a plain string. */
export function backendKey({ blocks }: Module): string | undefined {
  const backends = blocks
    .filter(({ type }) => type === 'terraform')
    .flatMap(({ body }) => blocksOf(body))
    .filter(({ type, labels }) => type === 'backend' && labels[0] === 's3');
  return backends.map(({ body }) => stringAttribute(body, 'key')).find((key) => key !== undefined);
}

/** Whether a folder has anything of Terraform in it. */
export async function hasModule(folder: string): Promise<boolean> {
  return (await readdir(folder)).some((name) => CODE.test(name) || JSON_CODE.test(name));
}

function quoted(text: string): readonly string[] {
  return [...text.matchAll(/"((?:[^"\\\n]|\\.)*)"/g)].map(([, value = '']) => value);
}

type Node = Readonly<Record<string, unknown>>;

/** How many labels a block has: `resource "aws_s3_bucket" "site"`. */
const LABELS: Readonly<Record<string, number>> = {
  provider: 1,
  module: 1,
  variable: 1,
  resource: 2,
  data: 2,
  terraform: 0,
};

/** The blocks of a file in JSON, their bodies in Terraform's own language: https://developer.hashicorp.com/terraform/language/syntax/json */
function jsonBlocks(text: string): readonly Block[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return [];
  }
  if (!isNode(document)) return [];
  return Object.entries(document).flatMap(([type, value]) =>
    labelled(value, LABELS[type] ?? 0).map(({ labels, body }) => ({ type, labels, body: bodyOf(body) })),
  );
}

function labelled(
  value: unknown,
  depth: number,
): readonly { readonly labels: readonly string[]; readonly body: Node }[] {
  return [value].flat().flatMap((one) => {
    if (!isNode(one)) return [];
    if (depth === 0) return [{ labels: [], body: one }];
    return Object.entries(one).flatMap(([label, inner]) =>
      labelled(inner, depth - 1).map(({ labels, body }) => ({ labels: [label, ...labels], body })),
    );
  });
}

function bodyOf(node: Node): string {
  return Object.entries(node)
    .flatMap(([name, value]) =>
      [value].flat().map((one) => (isNode(one) ? `${name} {\n${bodyOf(one)}\n}` : `${name} = ${JSON.stringify(one)}`)),
    )
    .join('\n');
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
