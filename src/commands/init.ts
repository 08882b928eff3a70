import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { parseConfig } from '../config/parse.ts';
import type { Config } from '../config/schema.ts';
import { Cancelled } from '../errors.ts';
import { protectionLines } from '../github/environments.ts';
import { newConfig } from '../init/answers.ts';
import { counterFiles, type ProjectFile, planFiles, writeFiles } from '../init/files.ts';
import { backendHcl, backendOf, stateKeys } from '../terraform/backend.ts';
import { confirm } from '../ui/confirm.ts';
import { foreign } from '../ui/foreign.ts';
import type { Io } from '../ui/io.ts';
import { initDocument } from '../ui/json.ts';
import { printOut } from '../ui/print.ts';
import { createProgress } from '../ui/progress.ts';
import { canAsk } from './can-ask.ts';
import type { InitOptions } from './definitions/init.ts';
import { answersOf } from './init-answers.ts';
import { workflowOf } from './workflow-yaml.ts';

const CONFIG = 'crc.config.json';

/** Writes the config, the function, the backend block and the workflow of a project. Overwrites nothing without --force. */
export async function init(options: InitOptions, io: Io): Promise<number> {
  const asks = canAsk(io, options) && !options.yes;
  const progress = await createProgress(io);
  const there = !options.force && (await exists(join(io.cwd, CONFIG)));
  if (there) progress.line(`${CONFIG} already exists and is kept; missing files are added`);
  const { text, config } = there ? await existing(io.cwd) : await created(options, io, asks, progress.line);

  const files = await planFiles(io.cwd, await filesOf(text, config, io.cwd), options.force ?? false);
  const toWrite = files.filter(({ action }) => action === 'write');
  if (asks && toWrite.length > 0) {
    const changes = toWrite.map(
      ({ path, exists }) => `  ${foreign(path)}${exists ? '  (replaces the file that is there)' : ''}`,
    );
    io.err(`${changes.join('\n')}\n`);
    if (!(await confirm(`Write these ${toWrite.length} files?`, undefined, { enter: 'yes' }))) throw new Cancelled();
  }
  await writeFiles(io.cwd, files, options.force ?? false);
  if (options.json) io.out(`${initDocument(files)}\n`);
  else await printOut(io, `${summary(files, config)}\n`);
  return 0;
}

async function existing(cwd: string): Promise<{ text: string | undefined; config: Config }> {
  const { config } = await loadConfig({ cwd, file: CONFIG });
  return { text: undefined, config };
}

async function created(
  options: InitOptions,
  io: Io,
  asks: boolean,
  tell: (line: string) => void,
): Promise<{ text: string; config: Config }> {
  const { answers, notes } = await answersOf(options, io, asks);
  for (const line of notes) tell(line);
  const text = `${JSON.stringify(newConfig(answers), null, 2)}\n`;
  return { text, config: parseConfig(text, CONFIG) };
}

/** Everything that follows from the config; the config itself when it is new. */
async function filesOf(
  text: string | undefined,
  config: Config,
  cwd: string,
): Promise<readonly Pick<ProjectFile, 'path' | 'content'>[]> {
  const counters = config.functions.filter(({ handler, runtime }) =>
    runtime.startsWith('python') ? handler === 'IncrementVisits.lambda_handler' : handler === 'index.handler',
  );
  const files = [
    ...(text === undefined ? [] : [{ path: CONFIG, content: text }]),
    ...(await Promise.all(counters.map(counterFiles))).flat(),
    ...backendFile(config),
  ];
  const yaml = await workflowOf(config, join(cwd, CONFIG), { pending: files });
  return [...files, { path: '.github/workflows/infrastructure.yml', content: yaml }];
}

/** Terraform code of one state; with several nobody knows which is where. */
function backendFile(config: Config): readonly Pick<ProjectFile, 'path' | 'content'>[] {
  const keys = stateKeys(config);
  const [key] = keys;
  return key === undefined || keys.length > 1
    ? []
    : [{ path: 'backend.tf', content: `${backendHcl(backendOf(config, key, undefined))}\n` }];
}

function summary(files: readonly ProjectFile[], config: Config): string {
  const words = { write: 'written', keep: 'kept (it differs; --force overwrites it)', same: 'unchanged' };
  const functions = config.functions.length === 0 ? '' : ', and deploy the function';
  const protection = protectionLines(config);
  return [
    ...files.map(({ path, action }) => `${path}  ${words[action]}`),
    '',
    'Next:',
    '  npx crc bootstrap --dry-run   show what will be created in the account',
    `  npx crc bootstrap             create it${functions}`,
    ...(protection.length === 0 ? [] : ['', ...protection, '']),
    '  git add . && git commit       then push: the workflow logs in without access keys',
  ].join('\n');
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
