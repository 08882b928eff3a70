import type { LeftOut } from '../../engine/terraform.ts';

/** A function, and all that it is made of, is not exported: its public URL could not be. */
export const LEFT_OUT: LeftOut =
  "left out: the AWS provider cannot express the condition of the URL's second permission, and without it anyone could invoke the function";
