import type { Json } from '../json.ts';
import type { OpenLogin } from '../trust/role-verdict.ts';
import type { LoginRequest } from '../trust/verdict.ts';

/** The logins that request one role. */
export interface Question {
  readonly roleName: string;
  readonly requests: readonly LoginRequest[];
}

export interface Questions {
  readonly all: readonly Question[];
  /** Logins that may request any of several roles. */
  readonly open: readonly OpenLogin[];
  readonly candidates: readonly string[];
  readonly notes: readonly string[];
  /** The repository whose subject form is unknown, if any. */
  readonly repository: string | undefined;
}

/** Which roles are asked about. */
export interface RolesOfQuestion {
  /** The roles that the user selected; undefined for all. */
  readonly chosen: readonly string[] | undefined;
  /** The trust policy of a role in the account; undefined if there is none, or none that can be read. */
  readonly trustOf: (name: string) => Promise<Json | undefined>;
}
