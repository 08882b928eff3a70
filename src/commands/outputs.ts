import { appendFile } from 'node:fs/promises';
import { counted } from '../counted.ts';
import type { Plan } from '../engine/plan.ts';
import type { Resource } from '../engine/resource.ts';
import { CrcError, failingAs } from '../errors.ts';
import { protectionLines } from '../github/environments.ts';
import { variablesRead } from '../github/workflow/variables.ts';
import { repositoriesTrusted } from '../policies/trust.ts';
import { backendHcl, backendOf, stateKeys } from '../terraform/backend.ts';
import type { Io } from '../ui/io.ts';
import { type OutputsView, outputsDocument } from '../ui/json.ts';
import { outputLines, outputsText, variableLines, variablesOf } from '../ui/outputs.ts';
import { shellLines } from '../ui/print.ts';
import { errorText } from '../ui/text.ts';
import type { OutputsOptions } from './definitions/outputs.ts';
import { endpointOf, isEmulated } from './endpoint.ts';
import { withSession } from './frame.ts';
import { whenSaving } from './next.ts';
import { resourcesAt, type Session } from './session.ts';

/** Shows the addresses of existing resources. 1 if anything is missing or could not be read: the rest is shown. */
export async function outputs(options: OutputsOptions, io: Io): Promise<number> {
  const file = io.env.GITHUB_OUTPUT;
  if (options.githubOutput && !file) {
    throw new CrcError('--github-output works only in a GitHub Actions job: GITHUB_OUTPUT is not set.', {
      hint: 'Elsewhere, use --json.',
    });
  }
  return await withSession({ command: 'outputs', options, io, toWrite: false, which: hasAddress }, async (session) => {
    const plan = await session.plan({ adopt: false, prune: false });
    const error = incomplete(plan);
    // Later steps of the job would go on with a part of them.
    if (error !== undefined && (options.githubOutput || !plan.some(isThere) || session.signal.aborted)) throw error;
    const endpoint = endpointOf(options, io);
    const { config } = session;
    const { addresses, missing } = await addressesOf(session, plan);
    const variables = [
      { name: 'AWS_ACCOUNT_ID', value: session.run().accountId },
      { name: 'AWS_REGION', value: config.region },
      ...variablesOf(addresses),
    ];
    const backends = Object.fromEntries(stateKeys(config).map((key) => [key, backendOf(config, key, endpoint)]));
    const protection = await shellLines(protectionLines(config), io.outColumns);
    if (options.githubOutput && file) {
      const failed = `The step outputs cannot be written to ${file} (GITHUB_OUTPUT)`;
      await failingAs(failed, appendFile(file, outputLines(variables)));
    }
    return {
      exitCode: error === undefined ? 0 : 1,
      document: () => outputsDocument({ addresses, backends, missing, error }),
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
      aside: error === undefined ? '' : `${errorText(error, io.color)}\n`,
      next: error === undefined ? await nextStep(session, options, io) : undefined,
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

type Outputs = Plan<CrcError>;

function isThere({ status, error }: Outputs[number]): boolean {
  return error === undefined && status !== 'absent';
}

/** What is missing, each resource with the reason; undefined if nothing is. */
function incomplete(plan: Outputs): CrcError | undefined {
  const missing = plan.filter((finding) => !isThere(finding));
  const unread = missing.flatMap(({ error }) => error ?? []);
  if (missing.length === 0) return undefined;
  if (missing.length === plan.length) return unread[0] ?? nothingCreated();
  return new CrcError(
    `${missing.length} of ${counted(plan.length, 'resource')} ${missing.length === 1 ? 'is' : 'are'} left out.`,
    {
      hint:
        unread.length === 0 ? 'Create what is missing with `crc bootstrap`.' : 'Fix this, then run the command again.',
      issues: missing.map(({ id, error }) => ({
        path: id,
        message: error === undefined ? 'has not been created yet' : `could not be read: ${error.message} ${error.hint}`,
      })),
    },
  );
}

function nothingCreated(): CrcError {
  return new CrcError('Nothing in the config has been created yet.', { hint: 'Create it with `crc bootstrap`.' });
}

/** The addresses of what exists, and of what is missing: those are known in part, but lead nowhere. */
async function addressesOf(session: Session, plan: Outputs): Promise<Pick<OutputsView, 'addresses' | 'missing'>> {
  const existing = new Map(plan.filter(isThere).map(({ id, address }) => [id, address]));
  const all = (await resourcesAt(session, session.run().accountId)).flatMap(({ id, address }) =>
    address === 'none' ? [] : [{ id, address: existing.get(id) ?? address }],
  );
  const those = (areThere: boolean) =>
    all.filter(({ id }) => existing.has(id) === areThere).map(({ address }) => address);
  return { addresses: those(true), missing: those(false) };
}

function repositories({ config }: Session): readonly string[] {
  return repositoriesTrusted(config.roles);
}
