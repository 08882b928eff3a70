/** The parts of an AWS SDK error that crc uses. None of them is guaranteed. */
export interface AwsError {
  readonly name?: string;
  readonly message?: string;
  /** IAM's name for it; the SDK's `name` may end in `Exception`. */
  readonly Code?: string;
  /** Node's name for a network error: `ECONNREFUSED`. */
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string; readonly attempts?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

export function asAwsError(error: unknown): AwsError {
  return typeof error === 'object' && error !== null ? error : {};
}

/** Whether the error has one of the names, as the SDK or as the service spells it. */
export function isNamed(error: unknown, names: readonly string[]): boolean {
  const { name, Code } = asAwsError(error);
  return (name !== undefined && names.includes(name)) || (Code !== undefined && names.includes(Code));
}

const messages = new WeakMap<object, string>();

/** Keeps an error's message for `says`, before what must not be shown is removed from it. */
export function keepMessage(error: unknown): void {
  if (error instanceof Error) messages.set(error, error.message);
}

/**
 * Whether the message matches, as AWS wrote it. Values of functions' environments are removed from all that is shown,
 * and any of them may be a word of a message on which crc decides ("Lambda", "delete").
 */
export function says(error: unknown, pattern: RegExp): boolean {
  const { message = '' } = asAwsError(error);
  return pattern.test((error instanceof Error ? messages.get(error) : undefined) ?? message);
}

export function statusOf(error: unknown): number | undefined {
  return asAwsError(error).$metadata?.httpStatusCode;
}

/** The answer, or `absent` if the call fails with the error for a missing resource. All other errors are thrown. */
export async function orAbsent<T, A>(call: Promise<T>, names: readonly string[], absent: A): Promise<T | A> {
  try {
    return await call;
  } catch (error) {
    if (isNamed(error, names)) return absent;
    throw error;
  }
}

/** The SDK's name and IAM's own code for the same error. */
export const NO_SUCH_ENTITY = ['NoSuchEntityException', 'NoSuchEntity'];
/** Error names for a call that IAM does not allow. */
export const ACCESS_DENIED = ['AccessDenied', 'AccessDeniedException'];
/** Lambda cannot use the key that encrypts a function's environment variables. */
export const NO_KEY_ACCESS = 'KMSAccessDeniedException';
/**
 * Problems with the settings of a function that Lambda reports with 502, as if they were temporary faults of Lambda:
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
 */
export const PROBLEMS_OF_FUNCTION = [
  NO_KEY_ACCESS,
  'KMSDisabledException',
  'KMSInvalidStateException',
  'KMSNotFoundException',
  'EC2AccessDeniedException',
  'ENILimitReachedException',
  'InvalidRuntimeException',
  'InvalidSecurityGroupIDException',
  'InvalidSubnetIDException',
  'InvalidZipFileException',
  'SubnetIPAddressLimitReachedException',
];
export const ALREADY_EXISTS = ['EntityAlreadyExistsException', 'EntityAlreadyExists'];
export const DELETE_CONFLICT = ['DeleteConflictException', 'DeleteConflict'];
