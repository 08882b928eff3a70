import { describe, expect, it } from 'vitest';
import { minified } from '../../src/policies/document.ts';

describe('a serialised document', () => {
  it('has no characters that IAM rejects, and the same meaning', () => {
    const document = { Statement: [{ Condition: { StringEquals: { 'a:sub': ['生产', '🚀', 'Zürich', 'tab\t'] } } }] };
    const text = minified(document);
    // https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
    expect(text).toMatch(/^[\u0020-\u00ff]+$/);
    expect(text).toContain('"\\u751f\\u4ea7","\\ud83d\\ude80","Zürich","tab\\t"');
    expect(JSON.parse(text)).toEqual(document);
  });

  it('has no whitespace, which would count towards its limits', () => {
    expect(minified({ a: [1, 'b c'] })).toBe('{"a":[1,"b c"]}');
  });
});
