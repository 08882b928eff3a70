import { expect, it } from 'vitest';
import { sourceParser } from '../../../src/terraform/source/parse.ts';

const parse = await sourceParser();

it('returns top-level blocks with their labels and inner blocks, whatever comments, strings and heredocs contain', () => {
  const { blocks, errorLine } = parse(`
# provider "no" {
/* module "no" { */
resource "a" "b" {
  policy = <<-EOT
    { "x": "}" }
    EOT
  text = "a } \${jsonencode({ a = "}" })} $\${no} \\"}"
  lifecycle { prevent_destroy = true }
}
provider aws {
  // alias = "no"
  settings { alias = "inner" }
  alias = "us" // "
  url   = "\${var.url}"
}
`);
  expect(errorLine).toBeUndefined();
  expect(
    blocks.map(({ type, labels, blocks: inner }) => [type, ...labels, ...inner.map((block) => block.type)]),
  ).toEqual([
    ['resource', 'a', 'b', 'lifecycle'],
    ['provider', 'aws', 'settings'],
  ]);
  expect(blocks[0]?.blocks[0]?.arguments.prevent_destroy?.value).toBe(true);
  expect(blocks[1]?.arguments).toMatchObject({ alias: { value: 'us' }, url: { value: undefined } });
});

it('keeps quoted text unchanged, including strings within templates', () => {
  const text = 'source = "../modules/${"a"}"\npath = "${path.module}/../lambda"\nempty = ""\n# "no"\n';
  expect(parse(text).strings).toEqual(['../modules/${"a"}', 'a', '${path.module}/../lambda', '']);
});

it.each(['provider "aws" {', 'x = "', '/*', '<<EOT', 'a = "${', '}', '"\\'])('tolerates a broken file: %s', (text) => {
  expect(parse(text).errorLine).toBe(1);
});
