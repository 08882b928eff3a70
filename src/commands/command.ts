import type { Command as Parsed } from 'commander';
import type { Io } from '../ui/io.ts';
import type { GlobalOptions, OptionDefinitions, Values, ValuesOf } from './options.ts';

/** A word after the command's name. */
export interface ArgumentDefinition {
  /** `<name>`, `[name]`, `[name...]`, or `[-- name...]`: only the words after `--`, which belong to another program. */
  readonly kind: 'required' | 'optional' | 'list' | 'after';
  readonly placeholder: string;
  readonly summary: string;
  readonly values?: Values;
  /** Of a list: another program and its arguments. */
  readonly isProgram?: true;
}

/** The group that a command is listed in. */
export type Group = 'Start' | 'Account' | 'Function' | 'GitHub' | 'State' | 'More';

/** What each exit code means. A usage error is 1, and Ctrl-C 130, for every command; they are not repeated. */
export interface ExitCodes {
  readonly 0: string;
  readonly 1: string;
  readonly 2?: string;
  /** Any other code. */
  readonly other?: string;
}

/** A command as its help shows it, with its arguments. Plain data: help and the handler's types follow from it. */
export interface Definition {
  /** `verify`; `state list` for a command of the group `state`. */
  readonly name: string;
  readonly group: Group;
  /** What it does, short enough for one line of `crc help`. */
  readonly summary: string;
  /** Sentences for its own page, if the summary does not say everything a user needs to know. */
  readonly description?: string;
  /** It deletes or overwrites something that cannot be recovered, so it is never suggested. */
  readonly destructive?: true;
  /** It only groups the commands whose names start with its own. */
  readonly isGroup?: true;
  /** Not listed: `own-page` because each list describes it separately, `none` because only programs call it. */
  readonly listing?: 'own-page' | 'none';
  /** In order. The key is the handler's name for an argument. */
  readonly arguments?: Readonly<Record<string, ArgumentDefinition>>;
  /** In the order of the help. The key is the handler's name for a flag. */
  readonly options?: OptionDefinitions;
  readonly exitCodes: ExitCodes;
  /** A command line, and its purpose. */
  readonly examples: readonly (readonly [line: string, what: string])[];
}

type ArgumentsOf<A> = {
  readonly [name in keyof A as A[name] extends { readonly kind: 'optional' } ? never : name]: A[name] extends {
    readonly kind: 'list' | 'after';
  }
    ? readonly string[]
    : string;
} & { readonly [name in keyof A as A[name] extends { readonly kind: 'optional' } ? name : never]?: string };

/** Everything passed to a handler: arguments, flags, and the flags of every command. */
export type OptionsOf<D extends Definition> = Flat<
  (D extends { readonly arguments: infer A } ? ArgumentsOf<A> : unknown) &
    (D extends { readonly options: infer O extends OptionDefinitions } ? ValuesOf<O> : unknown) &
    GlobalOptions
>;

type Flat<T> = { [name in keyof T]: T[name] };

/** Runs a command, and returns the exit code. */
export type Handler<D extends Definition> = (options: OptionsOf<D>, io: Io) => Promise<number>;

/** A definition with its handler. */
export interface Command extends Definition {
  /**
   * Loads the handler and runs it on a command line that commander has parsed with this definition. `after` are the
   * words after `--`, if the definition has an argument for them.
   */
  run(parsed: Parsed, io: Io, after?: readonly string[]): Promise<number>;
}

/**
 * Combines a definition with its handler. `load` imports the handler, so that a command's code is only loaded when it
 * runs, while the definitions of all commands are loaded at every start.
 */
export function command<const D extends Definition>(definition: D, load: () => Promise<Handler<D>>): Command {
  return {
    ...definition,
    async run(parsed, io, after = []) {
      const handler = await load();
      const names = Object.entries(definition.arguments ?? {});
      const words = names.map(
        ([name, { kind }], index) => [name, kind === 'after' ? after : parsed.processedArgs[index]] as const,
      );
      const given = Object.fromEntries(words.filter(([, word]) => word !== undefined));
      return await handler({ ...parsed.optsWithGlobals<OptionsOf<D>>(), ...given }, io);
    },
  };
}
