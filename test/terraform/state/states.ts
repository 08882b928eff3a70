/** A Terraform state. */
export function stateOf(parts: {
  readonly serial?: number;
  readonly lineage?: string;
  readonly outputs?: object;
  readonly resources?: readonly object[];
}): object {
  const { serial = 1, lineage = 'b5b6c1c7', outputs = {}, resources = [] } = parts;
  return { version: 4, terraform_version: '1.11.4', serial, lineage, outputs, resources, check_results: null };
}

/** A managed resource with one instance. */
export function resourceOf(address: string, attributes: object): object {
  const [type, name] = address.split('.');
  return {
    mode: 'managed',
    type,
    name,
    provider: 'provider["registry.terraform.io/hashicorp/aws"]',
    instances: [{ schema_version: 0, attributes, sensitive_attributes: [] }],
  };
}

/** Splits a text into chunks, like a response body. */
export async function* bytesOf(text: string, chunk = 64): AsyncGenerator<Uint8Array, void, undefined> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += chunk) yield bytes.subarray(from, from + chunk);
}

export const SECRET = 'hunter2-of-the-database';

/** A state with secrets in every part that may contain them. */
export function secretState(serial: number, lineage = 'b5b6c1c7'): string {
  const password = `${SECRET}-${serial}`;
  return JSON.stringify(
    stateOf({
      serial,
      lineage,
      outputs: { url: { value: password, type: 'string', sensitive: true } },
      resources: [
        resourceOf('aws_db_instance.main', { id: 'main', password, tags: { [password]: password } }),
        ...Array.from({ length: serial }, (_, index) =>
          resourceOf(`aws_sqs_queue.q${index}`, { id: `q${index}`, password }),
        ),
      ],
    }),
    null,
    2,
  );
}

/** A state encrypted by OpenTofu 1.7 or later: https://opentofu.org/docs/language/state/encryption/ */
export function encryptedState(serial: number, data: string): string {
  const salt = { salt: 'c2FsdA==', iterations: 600_000, hash_function: 'sha512', key_length: 32 };
  return JSON.stringify({
    serial,
    lineage: 'b5b6c1c7-59b7-4b8c-9d3c-2f1c1a0e7d55',
    meta: { 'key_provider.pbkdf2.main': Buffer.from(JSON.stringify(salt)).toString('base64') },
    encrypted_data: Buffer.from(data).toString('base64'),
    encryption_version: 'v0',
  });
}
