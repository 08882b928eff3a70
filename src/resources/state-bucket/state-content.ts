import { isObject } from '../../json.ts';
import { parsedJson } from '../../parsed-json.ts';

/** What an object in a state bucket contains: a state and its number of resources, or something that is not a state. */
export type ObjectContent =
  | { readonly kind: 'state'; readonly resources: number }
  | { readonly kind: 'opaque'; readonly why: string };

/**
 * The state format since Terraform 0.12, also used by OpenTofu:
 * https://developer.hashicorp.com/terraform/internals/json-format
 */
const FORMAT = 4;

/** All top-level keys that Terraform and OpenTofu write. Any other key may contain something that crc does not know. */
const KNOWN_KEYS = ['version', 'terraform_version', 'serial', 'lineage', 'outputs', 'resources', 'check_results'];

/** Parses a state. Anything that crc does not fully understand is `opaque`, so it is never taken for an empty state. */
export function stateContent(text: string): ObjectContent {
  const state = parsedJson(text);
  if (!isObject(state)) return opaque('is not a Terraform state (not a JSON object)');
  // https://opentofu.org/docs/language/state/encryption/
  if ('encrypted_data' in state) return opaque('is encrypted, so crc cannot read it');
  const { version, resources } = state;
  if (version !== FORMAT) return opaque(`is not a Terraform state of format ${FORMAT}`);
  if (!Array.isArray(resources)) return opaque('is not a Terraform state (no "resources" list)');
  if (resources.length > 0) return { kind: 'state', resources: resources.length };
  const unknown = Object.keys(state).find((key) => !KNOWN_KEYS.includes(key));
  return unknown === undefined
    ? { kind: 'state', resources: 0 }
    : opaque('is not a Terraform state (unknown top-level keys)');
}

function opaque(why: string): ObjectContent {
  return { kind: 'opaque', why };
}
