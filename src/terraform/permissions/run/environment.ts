import type { Environment } from '../../../environment.ts';

/** Terraform settings for where providers and modules come from. All others are set by crc, or irrelevant. */
const KEPT = /^TF_(CLI_CONFIG_FILE|PLUGIN_CACHE_DIR|PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE|REGISTRY_\w+|VAR_.+)$/;

/** Names of variables that contain keys of other services. */
const SECRET = /TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|AUTH/i;

/**
 * The environment of `terraform init`, which may need tokens for private registries and repositories. `env` is the
 * user's own; `withoutAws` is the same without AWS settings, since `init` does not call AWS.
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
 * The environment of all other steps: nothing that the configuration runs can use a key in the environment. `sandbox`
 * directs the AWS SDKs to the emulator and has none of the user's AWS settings.
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

/** The arguments for where plugins and modules come from; crc chooses the backend. */
function initArguments(given: string | undefined): string | undefined {
  const kept = (given ?? '').split(/\s+/).filter((word) => /^-?-(plugin-dir|get|upgrade)(=|$)/.test(word));
  return kept.length === 0 ? undefined : kept.join(' ');
}
