import { describe, expect, it } from 'vitest';
import { block, Expression, quoted, valueText } from '../../src/terraform/hcl.ts';

describe('HCL', () => {
  it('is written as terraform fmt would', () => {
    expect(
      block({
        type: 'resource',
        labels: ['aws_thing', 'one'],
        comment: 'why',
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
    ).toBe(`# why
resource "aws_thing" "one" {
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
  ])('takes %s for plain text', (_, text, written) => {
    expect(quoted(text)).toBe(written);
  });

  it('breaks long lists and none else', () => {
    expect(valueText(['a', 'b'])).toBe('["a", "b"]');
    expect(valueText(['a'.repeat(60), 'b'.repeat(60)], '  ')).toMatch(/^\[\n {4}"a+",\n {4}"b+",\n {2}\]$/);
    expect(valueText({})).toBe('{}');
  });
});
