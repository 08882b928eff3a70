/** A value of Terraform's language, as `src/terraform/hcl.ts` writes it. */
export type Value =
  | string
  | number
  | boolean
  | Expression
  | Encoded
  | readonly Value[]
  | { readonly [key: string]: Value | undefined };

/** HCL that is written verbatim: a reference to another block. */
export class Expression {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A document as people write it in Terraform: `jsonencode({ … })`. */
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

/** A `resource` block of Terraform, and the `import` block that goes with it. */
export interface TerraformResource extends Body {
  /** `aws_s3_bucket` */
  readonly type: string;
  /** `state` in `aws_s3_bucket.state`. */
  readonly label: string;
  /** What `terraform import` takes. */
  readonly importId: string;
}

/** What one resource of crc is in Terraform: several resources there, for most. */
export interface TerraformExport {
  /** What the label is made from: Terraform's labels have fewer characters than names of AWS, and must differ. */
  readonly name: string;
  /** Where it is; undefined for what is in no region. */
  readonly region?: string;
  resources(label: string): readonly TerraformResource[];
}

/** Why a resource is not exported, as the end of a sentence: `left out: the AWS provider cannot express it`. */
export type LeftOut = `left out: ${string}`;

/** A `lifecycle` block: what holds data outlives a slip of the hand. */
export const PREVENT_DESTROY: Block = { type: 'lifecycle', arguments: { prevent_destroy: true } };

/** A `lifecycle` block: Terraform ignores changes to these arguments. */
export function ignoreChanges(...names: readonly string[]): Block {
  return { type: 'lifecycle', arguments: { ignore_changes: names.map((name) => new Expression(name)) } };
}
