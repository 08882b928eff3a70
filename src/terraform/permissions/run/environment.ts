import type { Environment } from '../../../environment.ts';

/** Settings of Terraform that say where providers and modules come from. Everything else is crc's to say, or of no use here. */
const KEPT = /^TF_(CLI_CONFIG_FILE|PLUGIN_CACHE_DIR|PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE|REGISTRY_\w+|VAR_.+)$/;

/** Names of variables that hold keys of other services. */
const SECRET = /TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|AUTH/i;

/**
 * The environment of `terraform init`, which may need tokens for private registries and repositories. `env` is the user's own;
 * `withoutAws` is the same without settings of AWS: `init` has no call of AWS to make.
 */
export function initEnvironment(env: Environment, withoutAws: Environment): Environment {
  const tokens = Object.entries(env).filter(([name]) => name.startsWith('TF_TOKEN_'));
  return {
    ...common(withoutAws),
    ...Object.fromEntries(tokens),
    AWS_EC2_METADATA_DISABLED: 'true',
    TF_CLI_ARGS_init: initArguments(env.TF_CLI_ARGS_init),
  };
}

/**
 * The environment of everything else: what the configuration runs can use no key that is in the environment. `sandbox` is what leads
 * the AWS SDKs to the emulator, and has no AWS settings of the user any more.
 */
export function runEnvironment(sandbox: Environment): Environment {
  return Object.fromEntries(
    Object.entries(common(sandbox)).filter(([name]) => /^(TF_VAR_|AWS_)/.test(name) || !SECRET.test(name)),
  );
}

function common(env: Environment): Environment {
  const kept = Object.entries(env).filter(
    ([name, value]) => value !== undefined && (!name.startsWith('TF_') || KEPT.test(name)),
  );
  return { ...Object.fromEntries(kept), TF_IN_AUTOMATION: '1', TF_INPUT: '0', CHECKPOINT_DISABLE: '1' };
}

/** Those that say where plugins and modules come from: a backend is crc's to choose. */
function initArguments(given: string | undefined): string | undefined {
  const kept = (given ?? '').split(/\s+/).filter((word) => /^-?-(plugin-dir|get|upgrade)(=|$)/.test(word));
  return kept.length === 0 ? undefined : kept.join(' ');
}
