import type { LeftOut } from '../../engine/terraform.ts';

/** A function and all its resources are not exported, because its public URL cannot be. */
export const LEFT_OUT: LeftOut =
  "left out: the AWS provider cannot express the condition of the URL's second permission, and without it anyone could invoke the function";
