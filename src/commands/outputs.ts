import { appendFile } from 'node:fs/promises';
import type { Plan } from '../engine/plan.ts';
import type { Resource } from '../engine/resource.ts';
import type { Address } from '../engine/types.ts';
import { CrcError, systemError } from '../errors.ts';
import { protectionLines } from '../github/environments.ts';
import { variablesRead } from '../github/workflow/variables.ts';
import { repositoriesTrusted } from '../policies/trust.ts';
import { backendHcl, backendOf, stateKeys } from '../terraform/backend.ts';
import type { Io } from '../ui/io.ts';
import { outputsDocument } from '../ui/json.ts';
import { outputLines, outputsText, variableLines, variablesOf } from '../ui/outputs.ts';
import { shellLines } from '../ui/print.ts';
import type { OutputsOptions } from './definitions/outputs.ts';
import { endpointOf, isEmulated } from './endpoint.ts';
import { withSession } from './frame.ts';
import { whenSaving } from './next.ts';
import { resourcesAt, type Session } from './session.ts';

/** Shows the addresses of existing resources. 1 if anything is missing or could not be read. */
export async function outputs(options: OutputsOptions, io: Io): Promise<number> {
  const file = io.env.GITHUB_OUTPUT;
  if (options.githubOutput && !file) {
    throw new CrcError('--github-output works only in a GitHub Actions job: GITHUB_OUTPUT is not set.', {
      hint: 'Elsewhere, use --json.',
    });
  }
  return await withSession({ command: 'outputs', options, io, toWrite: false, which: hasAddress }, async (session) => {
    const plan = await session.plan({ adopt: false, prune: false });
    checkThere(plan);
    const endpoint = endpointOf(options, io);
    const { config } = session;
    const addresses = await addressesOf(session, plan);
    const variables = [
      { name: 'AWS_ACCOUNT_ID', value: session.run().accountId },
      { name: 'AWS_REGION', value: config.region },
      ...variablesOf(addresses),
    ];
    const backends = Object.fromEntries(stateKeys(config).map((key) => [key, backendOf(config, key, endpoint)]));
    const protection = await shellLines(protectionLines(config), io.outColumns);
    if (options.githubOutput && file) {
      await appendFile(file, outputLines(variables)).catch((error: unknown) => {
        throw systemError(error, `The step outputs cannot be written to ${file} (GITHUB_OUTPUT)`) ?? error;
      });
    }
    return {
      exitCode: 0,
      document: () => outputsDocument({ addresses, backends }),
      asIs: true,
      text: () => {
        const read = variables.filter(({ name }) => variablesRead(config).some((variable) => variable === name));
        const parts = [
          outputsText(addresses, io.color),
          ...(read.length > 0 ? [variableLines(read, repositories(session)).join('\n')] : []),
          ...Object.values(backends).map(backendHcl),
          ...(protection.length > 0 ? [protection.join('\n')] : []),
        ];
        return `${parts.join('\n\n')}\n`;
      },
      next: await nextStep(session, options, io),
    };
  });
}

function hasAddress({ address }: Resource): boolean {
  return address !== 'none';
}

/** What to do with these addresses. Nothing in use is replaced by an emulator's value, or by a second backend block. */
async function nextStep({ config, root }: Session, options: OutputsOptions, io: Io): Promise<string | undefined> {
  if (isEmulated(options, io)) {
    return whenSaving(
      'keep these values out of GitHub and backend.tf: they belong to the emulator on this machine. After `crc bootstrap` in AWS, `crc outputs` prints the real ones.',
      io,
    );
  }
  const [key, another] = stateKeys(config);
  if (key === undefined || another !== undefined) return undefined;
  if (io.outColumns === undefined) return undefined;
  const { saveBackend } = await import('./save-backend.ts');
  return await saveBackend({ folder: root, cwd: io.cwd, key, words: 'backend', file: 'backend.tf' });
}

function checkThere(plan: Plan<CrcError>): void {
  const unread = plan.find(({ error }) => error !== undefined)?.error;
  if (unread !== undefined) throw unread;
  const absent = plan.filter(({ status }) => status === 'absent').map(({ id }) => id);
  if (absent.length === 0) return;
  const missing =
    absent.length === plan.length
      ? 'Nothing in the config has been created yet'
      : `Not created yet: ${absent.join(', ')}`;
  throw new CrcError(`${missing}.`, { hint: 'Create it with `crc bootstrap`.' });
}

/** The addresses of all resources; for unselected ones, only what is known without reading. */
async function addressesOf(session: Session, plan: Plan): Promise<readonly Address[]> {
  const readAddresses = new Map(plan.map(({ id, address }) => [id, address]));
  const all = await resourcesAt(session, session.run().accountId);
  return all.flatMap(({ id, address }) => (address === 'none' ? [] : [readAddresses.get(id) ?? address]));
}

function repositories({ config }: Session): readonly string[] {
  return repositoriesTrusted(config.roles);
}
