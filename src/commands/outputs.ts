import { appendFile } from 'node:fs/promises';
import { providerArn, roleArn } from '../aws/names.ts';
import type { Plan } from '../engine/plan.ts';
import { CrcError, systemError } from '../errors.ts';
import { protectionLines } from '../github/environments.ts';
import { variablesRead } from '../github/workflow/variables.ts';
import { backendHcl, backendOf, stateKeys } from '../terraform/backend.ts';
import { foreign } from '../ui/foreign.ts';
import type { Io } from '../ui/io.ts';
import { type OutputsView, outputsDocument } from '../ui/json.ts';
import { outputLines, outputsText, type Variable, variableLines } from '../ui/outputs.ts';
import { shellLines } from '../ui/print.ts';
import type { OutputsOptions } from './definitions/outputs.ts';
import { endpointOf, isEmulated } from './endpoint.ts';
import { withSession } from './frame.ts';
import { whenSaving } from './next.ts';
import type { Session } from './session.ts';
import { resourceViews } from './views.ts';

/** The resources that have an address. */
const ADDRESSED = ['state-bucket', 'lock-table', 'oidc-provider', 'role/', 'function/', 'function-url/'];

/** Tells the addresses of what really exists. 1 when anything is missing or could not be read. */
export async function outputs(options: OutputsOptions, io: Io): Promise<number> {
  const file = io.env.GITHUB_OUTPUT;
  if (options.githubOutput && !file) {
    throw new CrcError('--github-output works only in a GitHub Actions job: GITHUB_OUTPUT is not set.', {
      hint: 'Elsewhere, use --json.',
    });
  }
  const ids = (id: string) => ADDRESSED.some((one) => id.startsWith(one));
  return await withSession({ command: 'outputs', options, io, toWrite: false, ids }, async (session) => {
    const plan = await session.plan({ adopt: false, prune: false });
    checkThere(plan);
    const endpoint = endpointOf(options, io);
    const view = outputsOf(session, plan, endpoint);
    const variables = variablesOf(session, view);
    const protection = await shellLines(protectionLines(session.config), io.outColumns);
    if (options.githubOutput && file) {
      await appendFile(file, outputLines(variables)).catch((error: unknown) => {
        throw systemError(error, `The step outputs cannot be written to ${file} (GITHUB_OUTPUT)`) ?? error;
      });
    }
    return {
      exitCode: 0,
      document: () => outputsDocument(view),
      asIs: true,
      text: () => {
        const { config } = session;
        const read = variables.filter(({ name }) => variablesRead(config).some((one) => one === name));
        const parts = [
          outputsText(view, io.color),
          ...(read.length > 0 ? [variableLines(read, repositories(session)).join('\n')] : []),
          ...stateKeys(config).map((key) => backendHcl(backendOf(config, key, endpoint))),
          ...(protection.length > 0 ? [protection.join('\n')] : []),
        ];
        return `${parts.join('\n\n')}\n`;
      },
      next: await nextStep(session, options, io),
    };
  });
}

/** What to do with these addresses. Nothing that is in use is replaced by an emulator's, or by a second backend block. */
async function nextStep({ config }: Session, options: OutputsOptions, io: Io): Promise<string | undefined> {
  if (isEmulated(options, io)) {
    return whenSaving(
      'keep these values out of GitHub and backend.tf: they belong to the emulator on this machine. After `crc bootstrap` in AWS, `crc outputs` prints the real ones.',
      io,
    );
  }
  const [key, another] = stateKeys(config);
  if (key === undefined || another !== undefined) return undefined;
  const { fileWithBackend } = await import('../init/backends.ts');
  const file = await fileWithBackend(io.cwd, '');
  const save =
    file === undefined
      ? '`crc backend > backend.tf` saves the backend block.'
      : `compare the backend block in ${foreign(file)} with the one above.`;
  return whenSaving(`${save} Then run \`terraform init\`.`, io);
}

function checkThere(plan: Plan): void {
  const views = resourceViews(plan);
  const unread = views.find(({ error }) => error !== undefined)?.error;
  if (unread !== undefined) throw unread;
  const absent = views.filter(({ finding }) => finding.status === 'absent').map(({ finding }) => finding.id);
  if (absent.length === 0) return;
  const missing =
    absent.length === views.length
      ? 'Nothing in the config has been created yet'
      : `Not created yet: ${absent.join(', ')}`;
  throw new CrcError(`${missing}.`, { hint: 'Create it with `crc bootstrap`.' });
}

function outputsOf({ config, run }: Session, plan: Plan, endpoint: string | undefined): OutputsView {
  const place = { accountId: run().accountId, region: config.region };
  const addressOf = (id: string) => plan.find(({ resource }) => resource.id === id)?.inspection?.address ?? null;
  return {
    roles: Object.fromEntries(config.roles.map(({ name }) => [name, roleArn(place, name)])),
    bucket: config.stateBucket.name,
    table: config.lockTable?.name ?? null,
    oidcProvider: providerArn(place, config.oidcProvider.url),
    functions: Object.fromEntries(
      config.functions.map(({ name }) => [name, { url: addressOf(`function-url/${name}`) }]),
    ),
    backends: Object.fromEntries(stateKeys(config).map((key) => [key, backendOf(config, key, endpoint)])),
  };
}

/** In the form that GitHub's variables have; as outputs of a step they are in lowercase. */
function variablesOf({ config, run }: Session, view: OutputsView): readonly Variable[] {
  const snake = (name: string) => name.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase();
  const [only] = config.roles;
  return [
    { name: 'AWS_ACCOUNT_ID', value: run().accountId },
    { name: 'AWS_REGION', value: config.region },
    ...(only !== undefined && config.roles.length === 1
      ? [{ name: 'AWS_ROLE_ARN', value: view.roles[only.name] ?? '' }]
      : Object.entries(view.roles).map(([name, value]) => ({ name: `AWS_ROLE_ARN_${snake(name)}`, value }))),
    { name: 'TF_STATE_BUCKET', value: view.bucket },
    ...(view.table === null ? [] : [{ name: 'TF_LOCK_TABLE', value: view.table }]),
    ...Object.entries(view.functions).flatMap(([name, { url }]) =>
      url === null ? [] : [{ name: `FUNCTION_URL_${snake(name)}`, value: url }],
    ),
  ];
}

function repositories({ config }: Session): readonly string[] {
  return [...new Set(config.roles.map(({ trust }) => trust.repository))];
}
