import { dirname } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { CrcError } from '../errors.ts';
import { backendArgs, backendHcl, backendJson, backendOf, chosenKey } from '../terraform/backend.ts';
import { foreignWord } from '../ui/foreign.ts';
import type { Io } from '../ui/io.ts';
import { backendDocument } from '../ui/json.ts';
import type { BackendOptions } from './definitions/backend.ts';
import { checkEndpoints, endpointOf, isEmulated } from './endpoint.ts';
import { refuseTwoFormats } from './formats.ts';
import { showNext } from './next.ts';
import type { SaveInput } from './save-backend.ts';

const FORMATS = { hcl: backendHcl, args: backendArgs, json: backendJson } as const;

/** Prints the backend of one state for Terraform. Sends nothing. */
export async function backend(options: BackendOptions, io: Io): Promise<number> {
  if (options.check) return await (await import('./backend-check.ts')).backendCheck(options, io);
  const { format = 'hcl' } = options;
  const key = onlyKey(options);
  if (!isFormat(format)) {
    throw new CrcError(`--format: unknown format "${format}".`, {
      hint: `It must be one of ${Object.keys(FORMATS).join(', ')}.`,
    });
  }
  refuseTwoFormats(options);
  checkEndpoints(options, io);
  const { config, file } = await loadConfig({ cwd: io.cwd, file: options.config, region: options.region });
  const chosen = chosenKey(config, key);
  const settings = backendOf(config, chosen, endpointOf(options, io));
  io.out(`${options.json ? backendDocument(chosen, settings) : FORMATS[format](settings)}\n`);
  if (!options.json && format !== 'args' && io.outColumns !== undefined) {
    const argument = key === undefined ? '' : ` ${foreignWord(key)}`;
    const save =
      format === 'hcl'
        ? { words: `backend${argument}`, file: 'backend.tf' }
        : { words: `backend${argument} --format json`, file: 'backend.tf.json' };
    await showNext(await nextStep({ ...save, folder: dirname(file), cwd: io.cwd, key: chosen }, options, io), io);
  }
  return 0;
}

/** A backend block in use is never replaced by an emulator's. */
async function nextStep(input: SaveInput, options: BackendOptions, io: Io): Promise<string> {
  if (isEmulated(options, io)) {
    return 'keep this block out of backend.tf: it belongs to the emulator on this machine. Without its endpoint, `crc backend` prints the one for AWS.';
  }
  return await (await import('./save-backend.ts')).saveBackend(input);
}

function onlyKey({ names, from }: BackendOptions): string | undefined {
  const [key, ...more] = names;
  if (more.length > 0 || from !== undefined) {
    const what =
      from === undefined
        ? `${names.length} keys were given, but each backend block is for one state`
        : '--from can only be used with --check';
    throw new CrcError(`${what}.`, { hint: 'Pass one key, or --check to check folders.' });
  }
  return key;
}

function isFormat(format: string): format is keyof typeof FORMATS {
  return Object.hasOwn(FORMATS, format);
}
