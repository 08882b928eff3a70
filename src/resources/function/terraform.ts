import type { LeftOut } from '../../engine/terraform.ts';

/** Functions and their resources are not exported, because the public URL cannot be. */
export const LEFT_OUT: LeftOut =
  "left out: the AWS provider cannot express the condition of the URL's second permission, and without it anyone could invoke the function";
