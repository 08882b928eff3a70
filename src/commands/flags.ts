import type { ArgumentDefinition } from './command.ts';
import type { OptionDefinition } from './options.ts';

/** `--dry-run` of `dryRun`, `--no-color` of the negated `color`. */
export function flagOf(key: string, { kind }: OptionDefinition): string {
  const words = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `--${kind === 'negated' ? 'no-' : ''}${words}`;
}

/** `--region <region>`, `--rollback [version]`, `--yes`. */
export function flagTerm(key: string, definition: OptionDefinition): string {
  const flag = flagOf(key, definition);
  if (definition.kind === 'switch' || definition.kind === 'negated') return flag;
  const { kind, placeholder } = definition;
  return kind === 'optional-value' ? `${flag} [${placeholder}]` : `${flag} <${placeholder}>`;
}

/** `<name>`, `[name]`, `[name...]`, `[-- name...]`. */
export function argumentTerm({ kind, placeholder }: ArgumentDefinition): string {
  return {
    required: `<${placeholder}>`,
    optional: `[${placeholder}]`,
    list: `[${placeholder}...]`,
    after: `[-- ${placeholder}...]`,
  }[kind];
}
