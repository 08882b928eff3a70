import type { Json } from '../../json.ts';
import type { FindingId, NoteId } from './findings.ts';
import type { Ability, PolicyOfRole } from './power.ts';
import type { Power, Severity } from './severity.ts';

/** An identity provider of the account. */
export interface AuditedProviderInput {
  readonly arn: string;
  /** Undefined if they could not be read. */
  readonly audiences: readonly string[] | undefined;
  readonly thumbprints: readonly string[];
}

/** A role as returned by AWS, with what crc knows about it. */
export interface AuditedRoleInput {
  readonly name: string;
  readonly arn: string;
  readonly trust: Json;
  readonly policies: readonly PolicyOfRole[];
  readonly boundary: PolicyOfRole | undefined;
  readonly managed: Managed;
  /** Whether the trust policy has drifted from the config. */
  readonly drifted: boolean;
  /** Whether crc did not create it for the config's project, and so does not change it. */
  readonly foreign?: boolean;
  /**
   * The project that crc created the role for, if that is the config's project and the role is no longer in the config.
   */
  readonly orphanOf: string | undefined;
}

/** Who manages a role: the config, crc (created, but not in the config), or someone else. */
export type Managed = 'config' | 'crc' | 'other';

export interface AuditFinding {
  readonly id: FindingId;
  readonly severity: Severity;
  readonly message: string;
  readonly fix: string;
}

export interface AuditNote {
  readonly id: NoteId;
  readonly message: string;
}

/** Who is accepted through one access path: a pattern, and what it means. */
export interface Admitted {
  readonly pattern: string;
  readonly words: string;
}

export interface AuditedRole {
  readonly name: string;
  readonly arn: string;
  readonly managed: Managed;
  readonly severity: Severity;
  /** Widest first. */
  readonly admits: readonly Admitted[];
  readonly power: Power;
  readonly abilities: readonly Ability[];
  /** Most severe first. */
  readonly findings: readonly AuditFinding[];
  readonly notes: readonly AuditNote[];
  /**
   * A trust policy that fixes the findings, with uppercase placeholders for unknown parts; undefined when there is
   * nothing to fix.
   */
  readonly closed: Json | undefined;
}

export interface AuditedProvider {
  readonly arn: string;
  readonly platform: string;
  /** Undefined if they could not be read. */
  readonly audiences: readonly string[] | undefined;
  readonly roles: number;
  readonly severity: Severity;
  readonly findings: readonly AuditFinding[];
  readonly notes: readonly AuditNote[];
}
