import * as z from 'zod';
import { account, cost, head } from './common.ts';

const name = { key: z.string(), workspace: z.string().describe('`default` for the state at the key itself') };
const version = z.strictObject({ versionId: z.string(), serial: z.int().nullable() });
const lock = z.strictObject({
  id: z.string().nullable(),
  who: z.string().nullable(),
  operation: z.string().nullable().describe('OperationTypeApply'),
  created: z.string().nullable(),
});

const difference = {
  added: z.array(z.string()).describe('addresses'),
  removed: z.array(z.string()),
  moved: z.array(z.strictObject({ from: z.string(), to: z.string() })).describe('not in added or removed'),
  changed: z
    .array(z.strictObject({ address: z.string(), attributes: z.array(z.string()) }))
    .describe('names of attributes, never their values'),
};

const stateDocument = <C extends string, S extends z.ZodRawShape>(command: C, shape: S) =>
  z.strictObject({ ...head, command: z.literal(command), ...account, ...shape, ...cost });

const ok = { status: z.literal('ok') };

/**
 * The documents of `state list`, `history`, `diff`, `restore`, `unlock` and `check`. They never contain values from a
 * state.
 */
export const stateDocuments = {
  'state list': stateDocument('state list', {
    ...ok,
    states: z.array(
      z.strictObject({
        ...name,
        serial: z.int().nullable(),
        resources: z.int().nullable(),
        size: z.int().describe('bytes'),
        modified: z.iso.datetime(),
        terraformVersion: z.string().nullable(),
        lock: lock.nullable(),
        otherLocks: z.array(lock).describe('if the table and the lock file are locked by different holders'),
        declared: z.boolean().describe('whether a role in the config has it'),
        digest: z.enum(['match', 'mismatch', 'none']),
        kind: z.enum(['state', 'encrypted', 'unreadable']).describe('for the last two, numbers are null'),
      }),
    ),
    deleted: z.array(z.strictObject({ ...name, versions: z.int() })),
    locks: z
      .array(z.strictObject({ ...name, ...lock.shape }))
      .describe('on keys without a state, as during a first apply'),
  }),
  'state history': stateDocument('state history', {
    ...ok,
    ...name,
    versions: z
      .array(
        z.strictObject({
          versionId: z.string(),
          serial: z.int().nullable(),
          lineage: z.string().nullable(),
          terraformVersion: z.string().nullable(),
          resources: z.int().nullable(),
          modified: z.iso.datetime(),
          latest: z.boolean(),
          deleted: z.boolean().describe('whether it is a delete marker'),
          retainedUntil: z.iso.datetime().nullable(),
          size: z.int().describe('bytes'),
        }),
      )
      .describe('newest first'),
  }),
  'state diff': stateDocument('state diff', { ...ok, ...name, from: version, to: version, ...difference }),
  'state restore': stateDocument('state restore', {
    status: z.enum(['restored', 'unchanged']),
    ...name,
    from: version.describe('the newest version before'),
    to: version.describe('the chosen version'),
    restored: version.optional().describe('the version that was written'),
    ...z.object(difference).partial().shape,
  }),
  'state unlock': stateDocument('state unlock', {
    status: z.enum(['released', 'not-locked', 'changed']).describe('changed: someone else holds it by now'),
    ...name,
    locks: z.array(lock),
  }),
  'state check': stateDocument('state check', {
    status: z.enum(['ok', 'problems']),
    problems: z.array(z.strictObject({ id: z.string(), key: z.string(), message: z.string(), fix: z.string() })),
    fixed: z.array(z.string()).optional().describe('keys of the states whose digests were set, with --fix'),
  }),
};
