/** How a text is shown. */
export interface TextStyle {
  readonly color: boolean;
  /** Of the terminal; undefined elsewhere. */
  readonly columns: number | undefined;
}

/** A state as Terraform names it. */
export interface NamedView {
  readonly key: string;
  readonly workspace: string;
}

export function stateTitle({ key, workspace }: NamedView): string {
  return workspace === 'default' ? key : `${key} (workspace ${workspace})`;
}

/** ISO 8601 as `2026-11-25 10:11 UTC` */
export function timeText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** A number in a table. */
export function cell(value: number | null): string {
  return value === null ? '-' : String(value);
}
