import { compare, depthOf, factsOf, irreversibleOnCreation } from './compare.ts';
import { leaves } from './diff.ts';
import type { LeftOut, TerraformExport } from './terraform.ts';
import type {
  Address,
  Brief,
  Change,
  Consent,
  Description,
  Facts,
  Finding,
  Foreign,
  Live,
  Removal,
  Spec,
  Step,
  UnlistedPart,
} from './types.ts';
import { unlistedText } from './unlisted.ts';

/** A `Spec` without its type of facts, as the engine uses it. */
export interface Resource extends Description {
  readonly removedAfter: readonly string[];
  /** Risks of what the config asks for, whether or not it exists. */
  readonly warnings: readonly string[];
  readonly address: Address | 'none';
  readonly terraform: TerraformExport | LeftOut;
  /** Reads the resource and compares it with the wanted state. @throws the errors of `read`. */
  inspect(consent: Consent): Promise<Finding>;
  /** What removing it would do; undefined if it does not exist. @throws the errors of `read`. */
  inspectRemoval(): Promise<Removal | undefined>;
}

/** Converts a `Spec` into the form that the engine uses. */
export function resource<F extends Facts<F>, Details>(spec: Spec<F, Details>): Resource {
  const description: Description = {
    id: spec.id,
    type: spec.type,
    name: spec.name,
    needs: spec.needs ?? [],
    actions: spec.actions,
    want: factsOf(spec).flatMap((fact) => leaves(fact, spec.want[fact], depthOf(spec, fact))),
    brief: briefOf(spec),
    exposures: [],
  };
  return {
    ...description,
    removedAfter: spec.removedAfter ?? [],
    warnings: [],
    address: spec.address,
    terraform: spec.terraform,
    inspect,
    async inspectRemoval() {
      const live = await spec.read();
      if (live === undefined) return undefined;
      const removal = await spec.removal(live);
      return { ...removal, kept: removal.kept ?? live.foreign?.owner };
    },
  };

  async function inspect(consent: Consent): Promise<Finding> {
    const live = await spec.read();
    return live === undefined ? absent(consent) : existing(live, consent);
  }

  function absent(consent: Consent): Finding {
    return {
      ...description,
      ...NOTHING_SAID,
      status: 'absent',
      changes: [{ kind: 'create' }],
      irreversible: irreversibleOnCreation(spec),
      work: workUnder(consent, [], undefined),
    };
  }

  function existing(live: Live<F, Details>, consent: Consent): Finding {
    const { changes: differences, steps, irreversible } = compare(spec, live);
    const { foreign, unlisted = [], notes = [], warnings = [] } = live;
    const changes = changesOf(differences, foreign, unlisted, consent);
    const finding = {
      ...description,
      ...NOTHING_SAID,
      changes,
      notes,
      warnings,
      address: addressOf(spec.address, live),
    };
    if (changes.length === 0) return { ...finding, status: 'in-sync', irreversible };
    if (changes.some(({ kind }) => kind === 'conflict')) {
      return { ...finding, status: 'conflict', adoptable: isAdoptable(changes, foreign) };
    }
    const removals = (isFirst: boolean) =>
      unlisted.filter(({ isInTheWay = false }) => consent.prune && isInTheWay === isFirst).map(removalOf);
    const kept = consent.prune || unlisted.length === 0 ? undefined : unlistedText(unlisted);
    const all = [...removals(true), ...steps, ...removals(false)];
    return { ...finding, status: 'drifted', irreversible, work: workUnder(consent, all, kept) };
  }

  function workUnder(consent: Consent, steps: readonly Step[], kept: string | undefined): Finding['work'] {
    return {
      async create() {
        const live = await spec.create();
        return live === undefined ? undefined : existing(live, consent);
      },
      steps,
      kept,
      again: () => inspect(consent),
    };
  }
}

const NOTHING_SAID = { warnings: [], notes: [], irreversible: [], adoptable: false } as const;

/** The finding for a resource that could not be read. */
export function unread(resource: Resource, error: unknown): Finding {
  const { id, type, name, needs, actions, want, brief, exposures, warnings } = resource;
  const description = { id, type, name, needs, actions, want, brief, exposures };
  return { ...description, ...NOTHING_SAID, status: 'unread', changes: [], warnings, error };
}

/** Adds warnings about the config to a resource. `exposures`: those about public access. */
export function withWarnings(
  resource: Resource,
  { warnings, exposures }: Pick<Resource, 'warnings' | 'exposures'>,
): Resource {
  return {
    ...resource,
    warnings,
    exposures,
    async inspect(consent) {
      const finding = await resource.inspect(consent);
      return { ...finding, exposures, warnings: [...warnings, ...finding.warnings] };
    },
  };
}

/** Adds warnings and notes that are only known after the resource was read, whether or not it exists. */
export function withRemarks(resource: Resource, remarks: () => Promise<Pick<Finding, 'warnings' | 'notes'>>): Resource {
  return {
    ...resource,
    async inspect(consent) {
      const finding = await resource.inspect(consent);
      const { warnings, notes } = await remarks();
      return { ...finding, warnings: [...finding.warnings, ...warnings], notes: [...finding.notes, ...notes] };
    },
  };
}

function briefOf<F extends Facts<F>, Details>({ brief, want }: Spec<F, Details>): Brief {
  const facts = Object.keys(brief ?? {}) as (keyof F & string)[];
  return Object.fromEntries(facts.map((fact) => [fact, brief?.[fact]?.(want[fact])]));
}

function addressOf(address: Address | 'none', live: { readonly address?: string | undefined }): Address | undefined {
  return address === 'none' ? undefined : { ...address, value: live.address ?? address.value };
}

/**
 * All differences, with the adoption and what is not in the config. A resource of another owner is a conflict at the leaf that shows
 * the owner, unless the user consents to adopt it; the change of that leaf then names the previous owner. A part
 * without its own owner leaf is adopted together with its resource.
 */
function changesOf(
  differences: readonly Change[],
  foreign: Foreign | undefined,
  unlisted: readonly UnlistedPart[],
  { adopt }: Consent,
): readonly Change[] {
  const removals = unlisted.map(({ path, live, meaning }) => ({
    kind: 'remove' as const,
    path,
    live,
    want: null,
    ...meaning,
  }));
  if (foreign === undefined) return [...differences, ...removals];
  const { path, live, want, owner, why } = foreign;
  const showsIt = (change: Change) => 'path' in change && change.path === path;
  if (adopt) {
    return [
      ...differences.map((change) => (showsIt(change) ? { ...change, why: owner, brief: undefined } : change)),
      ...removals,
    ];
  }
  const remaining = differences.filter((change) => !showsIt(change));
  return [{ kind: 'conflict', path, live, want, why }, ...remaining, ...removals];
}

/** True if the only conflict is the owner. */
function isAdoptable(changes: readonly Change[], foreign: Foreign | undefined): boolean {
  return foreign !== undefined && changes.every((change) => change.kind !== 'conflict' || change.path === foreign.path);
}

function removalOf({ path, live, remove }: UnlistedPart): Step {
  return { what: `remove ${path} ${String(live)}`, run: remove };
}
