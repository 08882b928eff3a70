import { isKeyAlias } from '../../../aws/arns.ts';
import { type BackendProblem, type BackendsConfig, type S3Backend, textArgument } from './problem.ts';

/** The block has a different bucket from the config. */
export function bucketProblems({ bucket }: S3Backend, { stateBucket }: BackendsConfig): readonly BackendProblem[] {
  if (bucket === undefined || bucket === stateBucket.name) return [];
  return [
    {
      id: 'other-bucket',
      message: `its bucket is ${bucket}, and the config has ${stateBucket.name}`,
      fix: `If another config is for that bucket, leave it. If not, write \`bucket = "${stateBucket.name}"\`, then run \`terraform init -migrate-state\`, which moves the state.`,
    },
  ];
}

export function regionProblems(backend: S3Backend, { stateBucket }: BackendsConfig): readonly BackendProblem[] {
  const region = textArgument(backend, 'region');
  if (region === undefined || region === stateBucket.region) return [];
  return [
    {
      id: 'other-region',
      message: `its region is ${region}, and the bucket is in ${stateBucket.region}`,
      fix: `Write \`region = "${stateBucket.region}"\`.`,
    },
  ];
}

export function encryptionProblems(
  backend: S3Backend,
  { stateBucket: { encryption } }: BackendsConfig,
): readonly BackendProblem[] {
  const { encrypt } = backend.arguments;
  const ownKey = encryption.algorithm === 'aws:kms' ? encryption.keyArn : undefined;
  // Only KMS can resolve an alias, and Terraform does not accept aliases.
  const isAlias = ownKey !== undefined && isKeyAlias(ownKey);
  if (isAlias && backend.arguments.kms_key_id !== undefined) return [];
  const keyArn = isAlias ? undefined : ownKey;
  const isPlain = encryption.algorithm === 'AES256';
  if (encrypt === false && isPlain) {
    return [{ id: 'not-encrypted', message: 'it turns encryption off', fix: 'Write `encrypt = true`.' }];
  }
  if (encrypt !== true || isPlain) return [];
  // With `encrypt` and no key, Terraform requests AES256, which overrides the bucket's own key.
  if (keyArn === undefined) {
    return [
      {
        id: 'other-key',
        message: `with \`encrypt = true\` Terraform asks for another encryption than the bucket's own (${encryption.algorithm})`,
        fix: 'Remove `encrypt` and `kms_key_id`: what S3 stores is then encrypted as the bucket says.',
      },
    ];
  }
  if (backend.unknown.includes('kms_key_id') || textArgument(backend, 'kms_key_id') === keyArn) return [];
  return [
    {
      id: 'other-key',
      message: "its states are not encrypted with the config's KMS key",
      fix: `Write \`kms_key_id = "${keyArn}"\`.`,
    },
  ];
}
