import type { Environment } from '../../../environment.ts';

/** Settings of Terraform that say where providers and modules come from. Everything else is crc's to say, or of no use here. */
const KEPT = /^TF_(CLI_CONFIG_FILE|PLUGIN_CACHE_DIR|PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE|REGISTRY_\w+|VAR_.+)$/;

/** Names of variables that hold keys of other services. */
const SECRET = /TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|AUTH/i;

export interface TerraformEnvironment {
  /** Of `terraform init`, which may need tokens for private registries and repositories. */
  readonly init: Environment;
  /** Of everything else: what the configuration runs can use no key that is in the environment. */
  readonly run: Environment;
}

/**
 * The environment of Terraform in the sandbox. `env` is the user's own; `sandbox` is what leads the AWS SDKs to the emulator, and
 * has no AWS settings of the user any more.
 */
export function terraformEnvironment(env: Environment, sandbox: Environment): TerraformEnvironment {
  const kept = Object.entries(sandbox).filter(
    ([name, value]) => value !== undefined && (!name.startsWith('TF_') || KEPT.test(name)),
  );
  const common = {
    ...Object.fromEntries(kept),
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    CHECKPOINT_DISABLE: '1',
  };
  const tokens = Object.entries(env).filter(([name]) => name.startsWith('TF_TOKEN_'));
  const args = initArguments(env.TF_CLI_ARGS_init);
  return {
    init: { ...common, ...Object.fromEntries(tokens), TF_CLI_ARGS_init: args },
    run: Object.fromEntries(
      Object.entries(common).filter(([name]) => /^(TF_VAR_|AWS_)/.test(name) || !SECRET.test(name)),
    ),
  };
}

/** Those that say where plugins and modules come from: a backend is crc's to choose. */
function initArguments(given: string | undefined): string | undefined {
  const kept = (given ?? '').split(/\s+/).filter((word) => /^-?-(plugin-dir|get|upgrade)(=|$)/.test(word));
  return kept.length === 0 ? undefined : kept.join(' ');
}
