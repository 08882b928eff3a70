import { systemHint, systemReason } from '../errors.ts';
import { StrangeAnswer } from './answers.ts';
import { type AwsError, isNamed, NO_KEY_ACCESS, PROBLEMS_OF_FUNCTION, says, statusOf } from './error-names.ts';
import { attempts, type Failure, isNameless, RERUN, requestHint, text, type Words } from './failure.ts';
import { isLimit, isPassingLimit } from './limits.ts';
import { ProxyError } from './proxy.ts';
import { bucketRegionHint, couldBeNewRegion } from './regions.ts';

const THROTTLED = [
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'SlowDown',
  'RequestLimitExceeded',
];
const QUOTA = ['TooManyBuckets', 'CodeStorageExceededException'];
const UNREACHABLE = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
];

export function strangeAnswer({ error, aws, what }: Failure): Words | undefined {
  const status = statusOf(error) ?? 0;
  // The SDK could not parse a JSON service's answer.
  const unreadable = error instanceof SyntaxError && aws.$response !== undefined;
  const redirected = status > 300 && status < 400 && aws.$response?.headers?.location !== undefined;
  if (!(error instanceof StrangeAnswer) && !unreadable && !redirected) return undefined;
  const shown =
    error instanceof StrangeAnswer ? `: ${JSON.stringify(error.message)}` : redirected ? ` (redirect, ${status})` : '';
  return {
    message: `${what} failed: something other than AWS answered${shown}.`,
    hint: 'Open any page in a browser to see whether your network has a login page. If not, check HTTPS_PROXY and the endpoint.',
  };
}

/** Moto, which does not say why it denies an object. Its web server names itself in a header. */
export function deniedByMoto({ error, call, what }: Failure): Words | undefined {
  if (!(error instanceof StrangeAnswer) || call?.service !== 's3') return undefined;
  if (error.status !== 403 || !error.server?.startsWith('Werkzeug/')) return undefined;
  return {
    message: `${what} failed: the emulator (Moto) denies access to all objects in this bucket, since it ignores the condition of the bucket policy that denies requests without TLS.`,
    hint: 'Use `crc sandbox --terraform`, which hides that part of the policy from Moto.',
  };
}

/**
 * DynamoDB uses one error name for changes in progress, which are temporary, and for quotas. Only the message differs.
 */
export function busyTables({ error, aws, call, what }: Failure): Words | undefined {
  if (call?.service !== 'dynamodb' || !isLimit(error)) return undefined;
  if (isPassingLimit(error)) {
    return {
      message: `${what} failed: DynamoDB is busy with other changes (${attempts(aws)}): ${aws.message}`,
      hint: `Wait a minute. ${RERUN}`,
    };
  }
  const decreases = says(error, /decreases are limited/i);
  return {
    message: `${what} failed: ${decreases ? 'capacity cannot be reduced again yet' : 'a quota of this account is exhausted'}: ${aws.message}`,
    hint: decreases
      ? 'Run the command again after the time above, or set the current capacity in the config.'
      : 'Set a smaller capacity (or "on-demand") in the config, or request a higher quota with `aws service-quotas request-service-quota-increase`.',
  };
}

/** A new account, or one that AWS has suspended: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const NOT_ACTIVE = ['NotSignedUp', 'OptInRequired', 'SubscriptionRequiredException', 'AccountProblem'];

export function notActive({ error, aws, what }: Failure): Words | undefined {
  if (!isNamed(error, NOT_ACTIVE)) return undefined;
  return {
    message: `${what} failed: this AWS account is not active yet, or is suspended (${aws.name}).`,
    hint: 'Sign in to the AWS console and complete what it asks for (payment method, phone number, support plan). AWS can take up to 24 hours to activate a new account.',
  };
}

/** AWS does not raise this limit. The config is within it, so another policy of the role takes the rest. */
export function inlinePolicies({ error, call, subject = 'ROLE', what }: Failure): Words | undefined {
  if (call?.operation !== 'PutRolePolicy' || !isLimit(error)) return undefined;
  return {
    message: `${what} failed: the inline policies of a role may have 10,240 characters together.`,
    hint: `\`crc plan --prune\` shows those that are not in the config, and \`crc bootstrap --prune\` first deletes them. To delete one yourself: \`aws iam list-role-policies --role-name ${subject}\`, \`aws iam delete-role-policy --role-name ${subject} --policy-name POLICY\`.`,
  };
}

export function quota({ error, aws, what }: Failure): Words | undefined {
  if (!isLimit(error) && !isNamed(error, QUOTA)) return undefined;
  return {
    message: `${what} failed: a quota of this account is exhausted: ${text(aws)}`,
    hint: 'Delete what you no longer need, or request a higher quota with `aws service-quotas request-service-quota-increase`.',
  };
}

/** For a bucket in another region, S3 returns only a status and a header with the region. */
export function otherRegion({ error, aws, call, what }: Failure): Words | undefined {
  const status = statusOf(error) ?? 0;
  if (call?.service !== 's3' || ![301, 307, 400].includes(status)) return undefined;
  const region = aws.$response?.headers?.['x-amz-bucket-region'];
  if (region !== undefined && region !== call.region) {
    return {
      message: `${what} failed: the bucket is in ${region}${call.region === undefined ? '' : `, not in ${call.region}`}.`,
      hint: bucketRegionHint(region, call.regionFlag),
    };
  }
  if (status === 301 || aws.name === 'PermanentRedirect') {
    return {
      message: `${what} failed: the bucket is in another region.`,
      hint: `${call.regionFlag ? 'Leave --region out: it applies to the state bucket too. Otherwise, fix' : 'Fix'} "region" in "stateBucket" in the config, or choose another bucket name.`,
    };
  }
  if (!isNameless(aws)) return undefined;
  return {
    message: `${what} failed: S3 rejected the request without a reason (400).`,
    hint: `The credentials may have expired, or the region may be wrong. ${requestHint(aws)}`,
  };
}

/** A bucket whose tags control access accepts tags only through S3 Control. */
export function tagsByControl({ error, aws, call, what }: Failure): Words | undefined {
  const status = statusOf(error) ?? 0;
  if (
    call?.operation !== 'PutBucketTagging' ||
    status < 400 ||
    status >= 429 ||
    isNamed(error, ['NoSuchBucket', 'OperationAborted'])
  ) {
    return undefined;
  }
  return {
    message: `${what} failed: ${text(aws)}`,
    hint: 'If the bucket has attribute-based access control (ABAC) enabled, set its tags with `aws s3control tag-resource`, then run the command again.',
  };
}

/** "… because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access." */
export function publicPolicy({ error, call, what }: Failure): Words | undefined {
  if (call?.operation !== 'PutBucketPolicy' || !says(error, /\bBlockPublicPolicy\b/)) return undefined;
  return {
    message: `${what} failed: a statement in the bucket's policy grants public access, which S3 Block Public Access prevents.`,
    hint: 'Remove that statement, which `crc verify` names, then run the command again.',
  };
}

/** A bucket from before April 2023 can have an ACL that lets others in. */
export function aclOfBucket({ error, call, what, subject = 'BUCKET' }: Failure): Words | undefined {
  if (call?.service !== 's3' || !isNamed(error, ['InvalidBucketAclWithObjectOwnership'])) return undefined;
  return {
    message: `${what} failed: the bucket's ACL grants access to others, so ACLs cannot be disabled.`,
    hint: `Check who has access (\`aws s3api get-bucket-acl --bucket ${subject}\`), remove it with \`aws s3api put-bucket-acl --bucket ${subject} --acl private\`, then run the command again.`,
  };
}

/** The network's proxy failed, not AWS. */
export function proxy({ error, aws, what }: Failure): Words | undefined {
  if (!(error instanceof ProxyError)) return undefined;
  const { proxy: address, status } = error;
  if (status === 407) {
    return {
      message: `${what} failed: the proxy ${address} requires a user name and password (407).`,
      hint: 'Add them to the address: HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT, with special characters percent-encoded.',
    };
  }
  if (status !== undefined) {
    return {
      message: `${what} failed: the proxy ${address} did not connect to AWS (${status}, ${attempts(aws)}).`,
      hint: 'Ask your network administrator to allow *.amazonaws.com, or bypass the proxy with NO_PROXY.',
    };
  }
  return {
    message: `${what} failed: the proxy ${address} cannot be reached (${error.message}, ${attempts(aws)}).`,
    hint: 'Check HTTPS_PROXY and HTTP_PROXY, or bypass the proxy with NO_PROXY.',
  };
}

/** This machine's host name or address. */
const HERE = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;

function hostOf(aws: AwsError): { readonly host: string | undefined; readonly port: number | undefined } {
  // For a name with several addresses, Node returns an error for each.
  const [first] = aws instanceof AggregateError ? aws.errors : [aws];
  const { address, port, hostname } = first as { address?: string; port?: number; hostname?: string };
  return { host: hostname ?? address, port };
}

export function unreachable({ aws, what, call }: Failure): Words | undefined {
  if (aws.name === 'TimeoutError' && /^no complete answer/.test(aws.message ?? '')) {
    return {
      message: `${what} failed: AWS sent ${aws.message} (${attempts(aws)}).`,
      hint: `Check the network and HTTPS_PROXY. ${RERUN}`,
    };
  }
  if (aws.name !== 'TimeoutError' && (aws.code === undefined || !UNREACHABLE.includes(aws.code))) return undefined;
  const region = call?.region ?? '';
  const message = `${what} failed: AWS cannot be reached${endpointOf(aws)} (${aws.code ?? aws.name}).`;
  if (aws.code === 'ENOTFOUND' && couldBeNewRegion(region)) {
    return {
      message,
      hint: `Check the region: this version of crc does not know ${region}. If it is new, update crc.`,
    };
  }
  if (aws.code === 'ECONNREFUSED' && HERE.test(hostOf(aws).host ?? '')) {
    return {
      message,
      hint: 'Nothing is listening there: a sandbox that was stopped no longer exists. Start another with `crc sandbox`, or use AWS from a new terminal, without the AWS_ variables of the sandbox.',
    };
  }
  return {
    message,
    hint: 'Check the network, the region, and the endpoint (--endpoint-url, AWS_ENDPOINT_URL).',
  };
}

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const UNTRUSTED = [
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

/** A network that decrypts TLS presents certificates of its own, which the AWS CLI reads from AWS_CA_BUNDLE, and Node does not. */
export function untrusted({ aws, what }: Failure): Words | undefined {
  if (aws.code === undefined || !UNTRUSTED.includes(aws.code)) return undefined;
  return {
    message: `${what} failed: the server's certificate is not trusted (${aws.code}).`,
    hint: 'If your network inspects encrypted traffic, set NODE_EXTRA_CA_CERTS to the file with its root certificate (the one in AWS_CA_BUNDLE, if that is set). Otherwise check the clock and the endpoint.',
  };
}

/** This machine has no sockets left; AWS can be reached. */
export function outOfFiles({ aws, error, what }: Failure): Words | undefined {
  if (aws.code !== 'EMFILE' && aws.code !== 'ENFILE') return undefined;
  return { message: `${what} failed: ${systemReason(error)}.`, hint: systemHint(error) };
}

export function throttled({ error, aws, what }: Failure): Words | undefined {
  if (!isNamed(error, THROTTLED) && statusOf(error) !== 429 && statusOf(error) !== 503) return undefined;
  return {
    message: `${what} failed: AWS is throttling this account's requests (${attempts(aws)}).`,
    hint: `Wait a minute. ${RERUN}`,
  };
}

export function ofFunction({ error, aws, what }: Failure): Words | undefined {
  if (!isNamed(error, PROBLEMS_OF_FUNCTION)) return undefined;
  const message = `${what} failed: ${text(aws)}`;
  if (isNamed(error, [NO_KEY_ACCESS])) {
    return {
      message,
      hint: "If the function's role was deleted and created again, Lambda's access to the key still belongs to the old one: give the function another role, then its own again, and deploy a change (https://repost.aws/knowledge-center/lambda-kmsaccessdeniedexception-errors).",
    };
  }
  return { message, hint: 'Fix it in the Lambda console (Configuration), then run the command again.' };
}

/** A function whose code signing configuration rejects packages without a signature. */
export function unsigned({ error, aws, call, subject, what }: Failure): Words | undefined {
  if (!isNamed(error, ['CodeVerificationFailedException', 'InvalidCodeSignatureException'])) return undefined;
  return {
    message: `${what} failed: ${text(aws)}`,
    hint: `crc uploads packages without a signature. Deploy the function with a tool that signs. If it needs no signature, detach the code signing configuration: \`aws lambda delete-function-code-signing-config${call?.region === undefined ? '' : ` --region ${call.region}`} --function-name ${subject ?? 'NAME'}\`.`,
  };
}

export function ofAws({ error, aws, what }: Failure): Words | undefined {
  const status = statusOf(error) ?? 0;
  if (status < 500) return undefined;
  return {
    message: `${what} failed: AWS returned an internal error (${[status, ...(isNameless(aws) ? [] : [aws.name]), attempts(aws)].join(', ')}).`,
    hint: `${RERUN} https://health.aws.amazon.com shows outages.`,
  };
}

function endpointOf(aws: AwsError): string {
  const { host, port } = hostOf(aws);
  return host === undefined ? '' : ` at ${host}${port === undefined ? '' : `:${port}`}`;
}
