/**
 * npm scopes that the runtime provides: the SDK
 * (https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html#nodejs-sdk-included).
 */
export const SCOPES_IN_THE_RUNTIME = ['@aws-sdk', '@smithy'];

/** In esbuild's format. */
export const IN_THE_RUNTIME = SCOPES_IN_THE_RUNTIME.map((scope) => `${scope}/*`);

export function isInRuntime(name: string): boolean {
  return SCOPES_IN_THE_RUNTIME.some((scope) => name.startsWith(`${scope}/`));
}
