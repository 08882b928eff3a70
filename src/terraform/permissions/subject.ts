import type { Where } from './arns.ts';
import type { RecordedCall } from './call.ts';
import type { Names } from './names.ts';
import type { Action, Reference } from './reference.ts';
import type { Values } from './values.ts';

/** A call and one of its actions, with everything needed to determine the resources that the action affects. */
export interface Subject {
  readonly call: RecordedCall;
  readonly action: Action;
  readonly values: Values;
  readonly where: Where;
  readonly names: Names;
  readonly reference: Reference;
}

/** The target of an action, as ARNs for a statement. */
export interface Target {
  readonly arn: string;
  /** The action can be limited by the resource's tags (`aws:ResourceTag`). */
  readonly tagged: boolean;
}

/** Conditions of a statement: `{ StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } }` */
export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** One action that a call needs, on one resource. */
export interface Grant {
  /** `s3:CreateBucket` */
  readonly action: string;
  readonly resource: string;
  readonly condition?: Condition | undefined;
  /**
   * Whether a condition on the resource's tags is possible: the resource already exists, and the action supports it.
   */
  readonly tagged?: boolean | undefined;
  /**
   * Derived by a rule rather than from a log: an action that AWS checks in addition to the call's own action, or one
   * that a later change needs.
   */
  readonly byRule?: boolean | undefined;
}

/** Actions that a call needs in addition to its own, with their resources. */
export type Companions = readonly (readonly [action: string, resource: string])[];

/** The content of a statement: the same actions on each of the resources, under the same condition. */
export interface Group {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition: Condition | undefined;
}
