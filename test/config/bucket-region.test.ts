import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { roleDocuments } from '../../src/config/role-documents.ts';
import { configWarnings } from '../../src/config/warnings.ts';
import { CrcError } from '../../src/errors.ts';
import { backendHcl, backendOf } from '../../src/terraform/backend.ts';
import { exampleConfig, type LooseConfig } from '../helpers/configs.ts';
import { PLACE } from '../helpers/context.ts';

const KEY = 'github-oidc/terraform.tfstate';

function textWith(bucketRegion?: string, change: (config: LooseConfig) => void = () => undefined): string {
  const config = exampleConfig();
  if (bucketRegion !== undefined) config.stateBucket.region = bucketRegion;
  change(config);
  return JSON.stringify(config, null, 2);
}

const configWith = (bucketRegion?: string, flag?: string) => parseConfig(textWith(bucketRegion), 'c', flag);

describe('the region of the state bucket', () => {
  it('defaults to that of the project, and setting it explicitly changes nothing', () => {
    expect(configWith().stateBucket.region).toBe('eu-west-2');
    expect(configWith('eu-west-2')).toEqual(configWith());
  });

  it('is kept when --region overrides that of the project', () => {
    expect(configWith('us-east-1', 'eu-west-1')).toMatchObject({
      region: 'eu-west-1',
      stateBucket: { region: 'us-east-1' },
    });
    expect(configWith('eu-west-2', 'eu-west-1').stateBucket.region).toBe('eu-west-2');
    // Defaults that depend on the project's region use the flag.
    expect(configWith(undefined, 'eu-west-1').stateBucket.region).toBe('eu-west-1');
  });

  it('is the region of the lock table in the policies of roles, and of the backend', () => {
    const config = configWith('us-east-1');
    const [role] = config.roles;
    if (role === undefined) throw new Error('the example has no role');
    const policy = JSON.stringify(roleDocuments(config, role, PLACE).policy);
    expect(policy).toContain('arn:aws:dynamodb:us-east-1:123456789012:table/abcdef-terraform-locking');
    expect(policy).not.toContain('eu-west-2');
    expect(backendHcl(backendOf(config, KEY, undefined))).toMatch(/ region += "us-east-1"\n/);
  });

  it('is reported with its line in the file when it is wrong, not as a problem of --region', () => {
    let error: unknown;
    try {
      parseConfig(textWith('us-east1'), 'c', 'eu-west-1');
    } catch (thrown) {
      error = thrown;
    }
    expect(error instanceof CrcError ? error.issues : error).toEqual([
      {
        path: 'stateBucket.region',
        message: 'is not an AWS region; did you mean "us-east-1"?',
        line: 17,
        place: 'c:17:15',
      },
    ]);
  });

  it('may be newer than crc, with a warning that names the key', () => {
    const warnings = configWarnings(configWith('eu-west-9')).get('state-bucket');
    expect(warnings?.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^stateBucket\.region: this version of crc does not know eu-west-9\./),
    ]);
    // Reported only once if both regions are the same.
    const explicitRegion = parseConfig(
      textWith(undefined, (config) => Object.assign(config, { region: 'eu-west-9' })),
      'c',
    );
    expect(configWarnings(explicitRegion).get('state-bucket')).toHaveLength(1);
  });

  it('may have a KMS key of its own region', () => {
    const keyArn = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const text = textWith('us-east-1', ({ stateBucket }) => {
      stateBucket.encryption = { algorithm: 'aws:kms', keyArn };
    });
    expect(parseConfig(text, 'c').stateBucket.encryption.keyArn).toBe(keyArn);
  });
});
