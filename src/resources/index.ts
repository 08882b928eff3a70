import type { ConfigWarning } from '../config/rule.ts';
import type { Config } from '../config/schema.ts';
import { configWarnings } from '../config/warnings.ts';
import { type Resource, withWarnings } from '../engine/resource.ts';
import { CrcError } from '../errors.ts';
import { type Context, contextIn, type Run } from './context.ts';
import { type Entry, RESOURCES, resourceIds } from './list.ts';

/** Resources that are loaded together. */
export interface ResourceGroup {
  readonly ids: readonly string[];
  /**
   * Loads their code and clients and creates them. Runs once, however often it is called. Sends nothing. @throws
   * CrcError if a policy that depends on all resources exceeds IAM's limit.
   */
  load(): Promise<readonly Resource[]>;
}

/**
 * Everything in the config, in display order. @throws CrcError if two entries name the same resource, since each run
 * would flip it between the two.
 */
export function resourceGroups(config: Config, context: Context, run: Run): readonly ResourceGroup[] {
  refuseTwice(resourceIds(config));
  const warnings = configWarnings(config);
  const outside = once(async () => {
    const { functionUse } = await import('./orphans/users.ts');
    return functionUse(context, new Set(resourceIds(config)));
  });
  const withUse: Run = { functionUse: async (used) => await (await outside())(used), ...run };
  const loaded = RESOURCES.map((entry) => once(() => created(entry, config, context, withUse)));
  const all = async () => (await Promise.all(loaded.map((load) => load()))).flat();
  return RESOURCES.map(({ ids, complete = async (own) => own }: Entry, index) => ({
    ids: ids(config),
    load: once(async () => {
      const own = await complete((await loaded[index]?.()) ?? [], { config, context, run, all });
      return own.map((resource) => withConfigWarnings(resource, warnings.get(resource.id) ?? []));
    }),
  }));
}

/** All groups, loaded. */
export async function resourcesOf(config: Config, context: Context, run: Run): Promise<readonly Resource[]> {
  return (await Promise.all(resourceGroups(config, context, run).map((group) => group.load()))).flat();
}

async function created(entry: Entry, config: Config, context: Context, run: Run): Promise<readonly Resource[]> {
  if (entry.ids(config).length === 0) return [];
  const at = entry.region === undefined ? context : contextIn(entry.region(config), context);
  const [create] = await Promise.all([entry.load(), at.clients.load(...entry.services)]);
  return create(config, at, run);
}

function refuseTwice(ids: readonly string[]): void {
  const twice = [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))];
  if (twice.length === 0) return;
  throw new CrcError(`The config asks for the same resource twice: ${twice.join(', ')}.`, {
    hint: 'Nothing was sent to AWS. Remove one of them from the config, or give it another name.',
  });
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load();
    return loading;
  };
}

function withConfigWarnings(resource: Resource, warnings: readonly ConfigWarning[]): Resource {
  const messages = (some: readonly ConfigWarning[]) => some.map(({ message }) => message);
  const exposures = messages(warnings.filter(({ isExposure }) => isExposure));
  return withWarnings(resource, { warnings: messages(warnings), exposures });
}
