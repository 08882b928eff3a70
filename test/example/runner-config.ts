import * as z from 'zod/mini';
import { roleName } from '../../src/config/names.ts';
import type { Config } from '../../src/config/schema.ts';
import { text } from '../../src/config/schema-values.ts';

/** `"runner": { "instanceProfile": "GitHubRunner", "role": "GitHubActionsTerraformRole" }` */
export const runner = z.strictObject({
  // Instance profile names follow the rules for role names.
  instanceProfile: text(roleName, { description: 'Instance profile of your own runners.', examples: ['GitHubRunner'] }),
  role: text(roleName, {
    description: 'Role of this config that they have.',
    examples: ['GitHubActionsTerraformRole'],
  }),
});

export type ConfigWithRunner = Config & { readonly runner?: z.infer<typeof runner> };
