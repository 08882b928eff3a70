/** A value in HCL, as `src/terraform/hcl.ts` writes it. */
export type Value =
  | string
  | number
  | boolean
  | Expression
  | Encoded
  | readonly Value[]
  | { readonly [key: string]: Value | undefined };

/** HCL written verbatim: a reference to another block. */
export class Expression {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A document in its idiomatic form: `jsonencode({ … })`. */
export class Encoded {
  readonly document: Value;
  constructor(document: object) {
    this.document = document as Value;
  }
}

/** Arguments and nested blocks, in order. Undefined arguments are left out. */
export interface Body {
  readonly arguments?: { readonly [name: string]: Value | undefined };
  readonly blocks?: readonly Block[];
}

export interface Block extends Body {
  /** `resource` */
  readonly type: string;
  /** `aws_s3_bucket`, `state` */
  readonly labels?: readonly string[];
}

/** A `resource` block and its `import` block. */
export interface TerraformResource extends Body {
  /** `aws_s3_bucket` */
  readonly type: string;
  /** `state` in `aws_s3_bucket.state`. */
  readonly label: string;
  /** The argument of `terraform import`. */
  readonly importId: string;
}

/** A resource of crc as Terraform code, in most cases as several Terraform resources. */
export interface TerraformExport {
  /** The source of the label: Terraform's labels allow fewer characters than names in AWS, and must be unique. */
  readonly name: string;
  /** Its region; undefined for global resources. */
  readonly region?: string;
  resources(label: string): readonly TerraformResource[];
}

/** Why a resource is not exported, as the end of a sentence: `left out: the AWS provider cannot express it`. */
export type LeftOut = `left out: ${string}`;

/** A `lifecycle` block that protects data from accidental deletion. */
export const PREVENT_DESTROY: Block = { type: 'lifecycle', arguments: { prevent_destroy: true } };

/** A `lifecycle` block: Terraform ignores changes to these arguments. */
export function ignoreChanges(...names: readonly string[]): Block {
  return { type: 'lifecycle', arguments: { ignore_changes: names.map((name) => new Expression(name)) } };
}
