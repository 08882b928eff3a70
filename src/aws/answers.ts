import { text } from 'node:stream/consumers';
import type { DeserializeMiddleware, MetadataBearer, Pluggable } from '@smithy/types';
import type { Service } from './retry.ts';

/** Something else than AWS answered a request with success: the login page of a network, an error page of a proxy. */
export class StrangeAnswer extends Error {
  override readonly name = 'StrangeAnswer';
}

/** How the answers of services that speak XML begin; those that speak JSON fail by themselves on anything else. */
const FORMS: { readonly [K in Service]?: RegExp } = {
  iam: /^\s*(<\?xml[^>]*>\s*)?<\w+Response[\s>]/,
  sts: /^\s*(<\?xml[^>]*>\s*)?<\w+Response[\s>]/,
  // A bucket policy is JSON.
  s3: /^\s*(<\?xml[^>]*>\s*)?<(?!html)\w+|^\s*\{/i,
};

/**
 * Refuses an answer that no XML service of AWS gives. The SDK takes any page with status 200 for an answer without content,
 * and an empty list of policies, or no lifecycle rule, is what crc wants to see.
 */
export function checkAnswers(service: Service): Pluggable<object, MetadataBearer> {
  const form = FORMS[service];
  const middleware: DeserializeMiddleware<object, MetadataBearer> = (next, context) => async (args) => {
    const result = await next(args);
    const { commandName } = context as { readonly commandName?: string };
    const response = result.response as { readonly statusCode?: number; body?: unknown };
    // Writes to S3 are answered with nothing, HEAD has no body, and objects may hold anything.
    const checked = service !== 's3' || /^(Get(?!Object(Command)?$)|List)/.test(commandName ?? '');
    if (form === undefined || !checked || response.statusCode !== 200) return result;
    const body = await text(response.body as NodeJS.ReadableStream);
    if (!form.test(body)) throw new StrangeAnswer(body.trim().slice(0, 60));
    response.body = Buffer.from(body);
    return result;
  };
  return {
    applyToStack: (stack) =>
      stack.addRelativeTo(middleware, {
        toMiddleware: 'deserializerMiddleware',
        relation: 'after',
        name: 'crcAnswers',
      }),
  };
}
