/** The run was told to stop before this resource was done. */
export class Interrupted extends Error {}
