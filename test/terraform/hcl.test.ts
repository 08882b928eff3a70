import { describe, expect, it } from 'vitest';
import { Encoded, Expression } from '../../src/engine/terraform.ts';
import { block, quoted, valueText } from '../../src/terraform/hcl.ts';

describe('HCL', () => {
  it('formats a document idiomatically', () => {
    const policy = new Encoded({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', 'a:b': ['c'] }] });
    expect(block({ type: 'resource', labels: ['aws_thing', 'one'], arguments: { policy } })).toBe(
      `resource "aws_thing" "one" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        "a:b"  = ["c"]
      },
    ]
  })
}`,
    );
  });

  it('quotes a key that would begin an expression', () => {
    expect(valueText({ for: 'demo', format: 'x' })).toBe('{\n  "for"  = "demo"\n  format = "x"\n}');
  });

  it('is formatted like terraform fmt', () => {
    expect(
      block({
        type: 'resource',
        labels: ['aws_thing', 'one'],
        arguments: {
          a: 1,
          longer: true,
          left_out: undefined,
          tags: { Name: 'x', 'a b': 'y' },
          last: new Expression('a.b'),
        },
        blocks: [
          { type: 'rule', arguments: { id: 'r' } },
          { type: 'empty', labels: [] },
        ],
      }),
    ).toBe(`resource "aws_thing" "one" {
  a      = 1
  longer = true
  tags = {
    Name  = "x"
    "a b" = "y"
  }
  last = a.b

  rule {
    id = "r"
  }

  empty {}
}`);
  });

  it.each([
    ['a template', '${a}', '"$${a}"'],
    ['a directive', '%{ if }', '"%%{ if }"'],
    ['a quote and a line', 'a"b\nc', '"a\\"b\\nc"'],
  ])('treats %s as plain text', (_, text, formatted) => {
    expect(quoted(text)).toBe(formatted);
  });

  it('breaks only long lists', () => {
    expect(valueText(['a', 'b'])).toBe('["a", "b"]');
    expect(valueText(['a'.repeat(60), 'b'.repeat(60)], '  ')).toMatch(/^\[\n {4}"a+",\n {4}"b+",\n {2}\]$/);
    expect(valueText({})).toBe('{}');
  });
});
