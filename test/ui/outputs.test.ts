import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/engine/types.ts';
import { outputsDocument } from '../../src/ui/json.ts';
import { outputsText, variablesOf } from '../../src/ui/outputs.ts';

const ADDRESSES: readonly Address[] = [
  { label: 'bucket', path: ['bucket'], variable: ['TF_STATE_BUCKET'], value: 'b' },
  { label: 'role __proto__', path: ['roles', '__proto__'], variable: ['AWS_ROLE_ARN'], value: 'arn:role' },
  { label: 'url F', path: ['functions', 'F', 'url'], value: null },
  { label: 'url F', path: ['functions', 'F', 'url'], variable: ['FUNCTION_URL', 'my-F'], value: 'https://f' },
  { label: 'url G', path: ['functions', 'G', 'url'], value: null },
  { label: 'topic', path: ['topic'], variable: ['TOPIC'], value: 'arn:topic' },
];

describe('addresses', () => {
  it('are in the document at the declared key, next to the keys that it always has', () => {
    expect(
      outputsDocument({ addresses: ADDRESSES, backends: {}, missing: [], error: undefined }).replace(/\s/g, ''),
    ).toBe(
      '{"version":1,"command":"outputs","roles":{"__proto__":"arn:role"},"bucket":"b","table":null,"oidcProvider":null,"functions":{"F":{"url":"https://f"},"G":{"url":null}},"topic":"arn:topic","backends":{}}',
    );
  });

  it('are variables in the order of the document', () => {
    expect(variablesOf(ADDRESSES)).toEqual([
      { name: 'AWS_ROLE_ARN', value: 'arn:role' },
      { name: 'TF_STATE_BUCKET', value: 'b' },
      { name: 'FUNCTION_URL_MY_F', value: 'https://f' },
      { name: 'TOPIC', value: 'arn:topic' },
    ]);
  });

  it('are printed in the order of the resources that have one', () => {
    expect(outputsText(ADDRESSES, false)).toBe(
      'bucket          b\nrole __proto__  arn:role\nurl F           https://f\ntopic           arn:topic',
    );
  });
});
