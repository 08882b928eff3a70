import type { Grant } from '../engine/types.ts';
import type { Service, Services } from './service.ts';
import { SERVICES, type ServiceName } from './services.ts';

/** The actions that a call needs; the first is the one that names the call. */
export function actionsOf(service: string, operation: string): readonly [string, ...string[]] {
  const name = `${service}:${operation}`;
  const { actions = {} }: Partial<Service> = (SERVICES as Services)[service] ?? {};
  const [first, ...rest] = actions[operation] ?? [name];
  return [first ?? name, ...rest];
}

/** The statement that allows these operations on these ARNs. */
export function grant(service: ServiceName, operations: readonly string[], ...resources: readonly string[]): Grant {
  return { actions: [...new Set(operations.flatMap((operation) => actionsOf(service, operation)))], resources };
}
