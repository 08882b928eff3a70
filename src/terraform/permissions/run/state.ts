import type { Json } from '../../../json.ts';
import type { StateResource } from '../call.ts';

/** The parts of a Terraform state that matter for permissions. */
export interface ReadState {
  readonly resources: readonly StateResource[];
  /** Values that Terraform marks as sensitive; they are never shown. */
  readonly sensitive: readonly string[];
}

interface Instance {
  readonly index_key?: string | number;
  readonly attributes?: Readonly<Record<string, Json>>;
  readonly sensitive_attributes?: readonly (readonly { readonly type?: string; readonly value?: string | number }[])[];
}

interface Resource {
  readonly module?: string;
  readonly mode?: string;
  readonly type?: string;
  readonly name?: string;
  readonly instances?: readonly Instance[];
}

/** Reads a state file of version 4; empty if there is no state yet. */
export function readState(text: string): ReadState {
  const { resources = [] } = JSON.parse(text) as { readonly resources?: readonly Resource[] };
  const instancesByAddress = resources.flatMap(({ module, mode, type = '', name = '', instances = [] }) =>
    instances.map((instance) => {
      const key = instance.index_key === undefined ? '' : `[${JSON.stringify(instance.index_key)}]`;
      const address = [module, mode === 'data' ? 'data' : undefined, type, `${name}${key}`];
      return { address: address.filter((part) => part !== undefined).join('.'), type, instance };
    }),
  );
  return {
    resources: instancesByAddress.map(({ address, type, instance }) => ({
      address,
      type,
      attributes: instance.attributes ?? {},
    })),
    sensitive: instancesByAddress.flatMap(({ instance }) => sensitiveOf(instance)),
  };
}

function sensitiveOf({ attributes = {}, sensitive_attributes: paths = [] }: Instance): readonly string[] {
  return paths.flatMap((path) => {
    const value = path.reduce<Json | undefined>(
      (inner, step) =>
        typeof inner === 'object' && inner !== null && step.value !== undefined
          ? (inner as Readonly<Record<string, Json>>)[step.value]
          : undefined,
      attributes,
    );
    return typeof value === 'string' ? [value] : [];
  });
}
