import { ALIAS } from '../aws/arns.ts';
import { explain } from '../aws/explain.ts';
import type { FunctionConfig } from '../config/schema.ts';
import { Interrupted } from '../engine/interrupted.ts';
import type { Foreign } from '../engine/types.ts';
import { CrcError } from '../errors.ts';
import { planRollback, rollBack } from '../invoke/rollback.ts';
import { type SmokeTest, testOnAws } from '../invoke/smoke-test.ts';
import { aliasText } from '../resources/function/alias.ts';
import { wantedTags } from '../resources/tags.ts';
import { foreign, foreignWord } from '../ui/foreign.ts';
import type { Io } from '../ui/io.ts';
import { planDocument } from '../ui/json.ts';
import { planText } from '../ui/plan.ts';
import { smokeText } from '../ui/smoke.ts';
import { headText, outcomeText } from '../ui/text.ts';
import type { ExplainedFinding } from '../ui/view.ts';
import { type Connection, inAccount } from './connection.ts';
import type { DeployFunctionOptions } from './definitions/deploy-function.ts';
import { type Ending, withConnection } from './frame.ts';
import { functionsNamed, remoteTest } from './functions.ts';

/** `deploy-function NAME --rollback [VERSION]`: points the alias to an earlier version. One write. */
export async function rollbackFunction(options: DeployFunctionOptions, io: Io): Promise<number> {
  if (options.only?.length) {
    throw new CrcError('--only and --rollback cannot be used together: a rollback only moves one alias.', {
      hint: 'Leave --only out.',
    });
  }
  return await withConnection({ command: 'deploy-function', options, io }, async (connection) => {
    const { config, clients, signal } = connection;
    const { functionConfig, version } = target(config.functions, options);
    await clients.load('lambda');
    const rollback = await inAccount(
      planRollback(clients.lambda, {
        functionName: functionConfig.name,
        version,
        tags: wantedTags(config),
        signal,
      }).catch((error: unknown) => {
        throw explain(error, functionConfig.name, options.profile);
      }),
      connection.identity(),
    );
    if ('foreign' in rollback) return refused(functionConfig, rollback.foreign, options, io);
    const from = aliasText(rollback.from);
    const finding: ExplainedFinding = {
      ...NOTHING_SAID,
      id: `function-code/${functionConfig.name}`,
      type: 'AWS::Lambda::Version',
      name: functionConfig.name,
      status: 'drifted',
      changes: [{ kind: 'update', path: 'alias', live: from, want: rollback.to }],
      notes: [
        `\`crc deploy-function ${functionConfig.name}\` and \`crc bootstrap\` move ${ALIAS} forward again, to the current source`,
      ],
    };
    if (options.dryRun) {
      const version = rollback.to;
      const command = `\`crc deploy-function ${foreignWord(functionConfig.name)} --rollback ${foreignWord(version)}\``;
      return { ...dryRun(finding, io), next: `${command} moves ${ALIAS} to version ${foreign(version)}.` };
    }
    if (signal.aborted) throw new Interrupted('stopped before the alias was moved');
    await connection
      .uninterrupted(() => rollBack(clients.lambda, signal, rollback))
      .catch((error: unknown) => {
        throw explain(error, functionConfig.name, options.profile);
      });
    // A second run would go back once more.
    connection.finished();
    const smoke = await test(connection, functionConfig, options);
    const outcomes = [{ id: finding.id, outcome: 'updated' as const }];
    const { mode, ok } = smoke;
    return {
      exitCode: ok ? 0 : 1,
      document: (run) => planDocument(run, ok ? 'converged' : 'failed', [finding], outcomes, { mode, ok }),
      text: () =>
        [
          ...(smoke.mode === 'skipped'
            ? []
            : [`${smokeText({ functionName: functionConfig.name, ...smoke }, io.color)}\n`]),
          `${smoke.ok ? 'Done. ' : ''}${functionConfig.name} rolled back: ${ALIAS} now points to version ${foreign(rollback.to)} (was ${foreign(from)}).`,
          ...(smoke.ok ? [] : [`Version ${foreign(rollback.to)} failed its smoke test, and stays live.`]),
          ...(smoke.mode === 'skipped' ? [`Not tested: ${smoke.lines.join('; ')}.`] : []),
          `${finding.notes.join('\n')}\n`,
        ].join('\n'),
      cost: true,
      next: ok
        ? `fix the source, then \`crc deploy-function ${foreignWord(functionConfig.name)}\` deploys it.`
        : `\`crc deploy-function ${foreignWord(functionConfig.name)}\` deploys the current source.`,
    };
  });
}

/** The rest of a finding, which is empty: a rollback only concerns one fact and is not a plan of resources. */
const NOTHING_SAID = {
  needs: [],
  actions: { read: [], write: [], remove: [] },
  want: [],
  brief: {},
  exposures: [],
  warnings: [],
  notes: [],
  irreversible: [],
  adoptable: false,
} as const;

function dryRun(finding: ExplainedFinding, io: Io): Ending {
  return {
    exitCode: 2,
    document: (run) => planDocument(run, 'changes', [finding]),
    text: (run) => `${headText(run, io.color)}\n\n${planText([finding], io)}\n`,
  };
}

/** The function belongs to another owner: a conflict, and nothing is written. */
function refused(
  { name }: FunctionConfig,
  { path, live, want, why }: Foreign,
  options: DeployFunctionOptions,
  io: Io,
): Ending {
  const finding: ExplainedFinding = {
    ...NOTHING_SAID,
    id: `function/${name}`,
    type: 'AWS::Lambda::Function',
    name,
    status: 'conflict',
    changes: [{ kind: 'conflict', path, live, want, why }],
  };
  if (options.dryRun) return dryRun(finding, io);
  const error = new CrcError(`The alias "${ALIAS}" of ${name} was not moved: the function ${why}.`, {
    hint: 'Nothing was written.',
  });
  const outcomes = [{ id: finding.id, outcome: 'blocked' as const, error }];
  return {
    exitCode: 1,
    document: (run) => planDocument(run, 'failed', [finding], outcomes),
    text: (run) => `${headText(run, io.color)}\n\n${planText([finding], io)}\n\n${outcomeText(outcomes, io.color)}\n`,
  };
}

/** The earlier version differs from the package that could run locally. */
async function test(
  connection: Connection,
  functionConfig: FunctionConfig,
  { smokeTest = true }: DeployFunctionOptions,
): Promise<SmokeTest> {
  const skipped = (why: string): SmokeTest => ({ mode: 'skipped', ok: true, lines: [why], log: '' });
  if (!smokeTest) return skipped('--no-smoke-test');
  if (connection.customEndpoint) return skipped('an emulator does not run the earlier version');
  return await testOnAws(connection.clients, remoteTest(functionConfig, false, connection));
}

/** `--rollback NAME` parses NAME as the version, so anything that is not a number is a function name. */
function target(
  functions: readonly FunctionConfig[],
  { names: words, rollback }: DeployFunctionOptions,
): { readonly functionConfig: FunctionConfig; readonly version: string | undefined } {
  const isVersion = typeof rollback === 'string' && /^[1-9]\d*$/.test(rollback);
  if (typeof rollback === 'string' && !isVersion && !functions.some(({ name }) => name === rollback)) {
    throw new CrcError(`--rollback: "${rollback}" is neither a version nor a function in the config.`, {
      hint: `Pass a version number, or no value for the previous version. The config has ${functions.map(({ name }) => name).join(', ') || 'no functions'}.`,
    });
  }
  const names = typeof rollback === 'string' && !isVersion ? [rollback, ...words] : words;
  const chosen = functionsNamed(functions, names);
  const [functionConfig] = chosen;
  if (functionConfig === undefined || chosen.length > 1) {
    throw new CrcError('--rollback is for one function at a time.', {
      hint: `Name it: \`crc deploy-function ${chosen[0]?.name ?? 'NAME'} --rollback${isVersion ? ` ${rollback}` : ''}\`.`,
    });
  }
  return { functionConfig, version: isVersion ? rollback : undefined };
}
