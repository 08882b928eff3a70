import packageJson from '../package.json' with { type: 'json' };

/** The fields of package.json that crc uses. The bundle contains no others (scripts/bundle.mjs). */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** Missing until `npm run set-repository` sets it. */
  readonly repository?: { readonly url: string };
}

export const OWN_PACKAGE: Package = packageJson;
