import { describe, expect, it } from 'vitest';
import { blocksOf, isTrue, stringAttribute, stringsOf } from '../../src/terraform/blocks.ts';

const TEXT = `
# provider "no" {
/* module "no" { */
module "x" {
  source = "../modules/\${"a"}"
  path   = "\${path.module}/../lambda"
}
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
`;

describe('blocks of a Terraform file', () => {
  const [module, resource, provider] = blocksOf(TEXT);

  it('are those outside any other, with their labels', () => {
    expect(blocksOf(TEXT).map(({ type, labels }) => [type, ...labels])).toEqual([
      ['module', 'x'],
      ['resource', 'a', 'b'],
      ['provider', 'aws'],
    ]);
    expect(blocksOf(resource?.body ?? '').map(({ type }) => type)).toEqual(['lifecycle']);
  });

  it('have attributes of their own, and none of comments and inner blocks', () => {
    expect(stringAttribute(provider?.body ?? '', 'alias')).toBe('us');
    expect(stringAttribute(provider?.body ?? '', 'url')).toBeUndefined();
    expect(isTrue('a = "x"\nsensitive = true', 'sensitive')).toBe(true);
    expect(isTrue('a = "sensitive = true"', 'sensitive')).toBe(false);
  });

  it('have strings, those in templates among them', () => {
    expect(stringsOf(module?.body ?? '')).toEqual(['a', '../modules/${"a"}', '${path.module}/../lambda']);
  });

  it.each(['provider "aws" {', 'x = "', '/*', '<<EOT', 'a = "${', '}', '"\\'])(
    'of a broken file are what can be told: %s',
    (text) => {
      expect(() => blocksOf(text)).not.toThrow();
    },
  );
});
