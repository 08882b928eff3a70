import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readState, type StateInstance } from '../../../src/terraform/state/content.ts';
import { bytesOf, stateOf } from './states.ts';

async function instancesOf(text: string, chunk?: number): Promise<readonly StateInstance[]> {
  const instances: StateInstance[] = [];
  await readState(bytesOf(text, chunk), (instance) => instances.push(instance));
  return instances;
}

describe('a state', () => {
  const state = stateOf({
    serial: 41,
    lineage: '6a8f',
    outputs: { url: { value: 'https://example.com', type: 'string' } },
    resources: [
      {
        module: 'module.site["eu"]',
        mode: 'managed',
        type: 'aws_s3_bucket',
        name: 'page',
        provider: 'provider["registry.terraform.io/hashicorp/aws"]',
        instances: [
          { index_key: 0, attributes: { id: 'a' } },
          { index_key: 'b"c', attributes: { id: 'b' }, status: 'tainted' },
          { deposed: '1234abcd', attributes: { id: 'old' } },
        ],
      },
      { mode: 'data', type: 'aws_region', name: 'here', provider: 'p', instances: [{ attributes: { id: 'eu' } }] },
      { mode: 'managed', type: 'aws_sns_topic', name: 'gone', provider: 'p', instances: [] },
    ],
  });
  const text = JSON.stringify(state, null, 2);

  it('has a serial, a lineage, a version of Terraform, and as many resources as terraform state list shows', async () => {
    expect(await readState(bytesOf(text))).toMatchObject({
      kind: 'state',
      serial: 41,
      lineage: '6a8f',
      terraformVersion: '1.11.4',
      resources: 4,
      size: text.length,
    });
  });

  it('has the position of its serial, so that it can be raised without changing anything else', async () => {
    for (const spelling of [text, JSON.stringify(state), JSON.stringify({ a: { serial: 5 }, x: 'serial', ...state })]) {
      const content = await readState(bytesOf(spelling, 7));
      const { start, end } = content.kind === 'state' ? content.serialAt : { start: 0, end: 0 };
      expect(spelling.slice(start, end)).toBe('41');
      expect(spelling.slice(0, start)).toMatch(/"serial": ?$/);
    }
  });

  it('has the digest that Terraform stores in the lock table', async () => {
    expect((await readState(bytesOf('{"version": 4}'))).md5).toBe('523ba0f28cff0c1d3d430649b9121fa9');
  });

  it("uses Terraform's addresses for its resources", async () => {
    expect((await instancesOf(text, 11)).map(({ address }) => address)).toEqual([
      'output.url',
      'module.site["eu"].aws_s3_bucket.page[0]',
      'module.site["eu"].aws_s3_bucket.page["b\\"c"]',
      'module.site["eu"].aws_s3_bucket.page (deposed 1234abcd)',
      'data.aws_region.here',
    ]);
  });

  it('finds the addresses in any order of keys', async () => {
    const sorted = JSON.stringify(state, (_, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
    );
    const addresses = async (spelling: string) => (await instancesOf(spelling)).map(({ address }) => address).sort();
    expect(await addresses(sorted)).toEqual(await addresses(text));
  });

  it('is parsed independently of chunk boundaries', async () => {
    const wholly = await readState(bytesOf(text, text.length));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 200 }), async (chunk) => {
        expect(await readState(bytesOf(text, chunk))).toEqual(wholly);
      }),
      { numRuns: 30 },
    );
  });

  it('preserves numbers that JavaScript would round', async () => {
    const [instance] = await instancesOf(
      JSON.stringify(
        stateOf({ resources: [{ mode: 'managed', type: 't', name: 'n', instances: [{ attributes: { n: 0 } }] }] }),
      ).replace('"n":0', '"n":12345678901234567891'),
    );
    expect(instance?.attributes.n).toBe('12345678901234567891');
  });
});

describe('a document that is not a state', () => {
  const state = JSON.stringify(stateOf({}));

  it.each([
    ['', 'empty'],
    ['{', 'truncated'],
    [state.slice(0, -1), 'truncated'],
    [state.slice(0, 30), 'truncated'],
    ['nonsense', 'not-json'],
    // Terraform cannot read it either: "invalid character 'ï' looking for beginning of value".
    [`\ufeff${state}`, 'not-json'],
    [`${state} and more`, 'not-json'],
    ['{}', 'not-a-state'],
    ['[]', 'not-a-state'],
    [JSON.stringify({ ...stateOf({}), version: 3 }), 'not-a-state'],
    [JSON.stringify({ ...stateOf({}), lineage: 1 }), 'not-a-state'],
    [JSON.stringify({ ...stateOf({}), serial: '1' }), 'not-a-state'],
  ])('%j is %s', async (text, why) => {
    expect(await readState(bytesOf(text))).toMatchObject({ kind: 'opaque', why });
  });

  it('is recognized as truncated at every byte', async () => {
    for (let length = 1; length < state.length; length += 1) {
      expect(await readState(bytesOf(state.slice(0, length)))).toMatchObject({ kind: 'opaque', why: 'truncated' });
    }
  });

  it('recognizes OpenTofu encryption, without reading it', async () => {
    const encrypted = { serial: 3, lineage: 'l', meta: {}, encrypted_data: 'AAAA', encryption_version: 'v0' };
    expect(await readState(bytesOf(JSON.stringify(encrypted)))).toMatchObject({
      kind: 'encrypted',
      serial: 3,
      lineage: 'l',
    });
  });
});
