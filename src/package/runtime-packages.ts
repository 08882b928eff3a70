/** The runtime has the SDK (https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html#nodejs-sdk-included). */
export const IN_THE_RUNTIME = ['@aws-sdk/*', '@smithy/*'];

export function isInRuntime(name: string): boolean {
  return /^@(aws-sdk|smithy)\//.test(name);
}
