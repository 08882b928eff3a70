import pc from 'picocolors';
import { counted } from '../counted.ts';
import type { Outcome, RemovalOutcome } from '../engine/outcome.ts';
import type { CrcError } from '../errors.ts';
import { shown } from './foreign.ts';
import type { OutcomeView, RunView } from './view.ts';

/** `Account 123456789012, eu-west-2`, and `Config ../crc.config.json` when it was found above the working directory. */
export function headText(run: Pick<RunView, keyof Place | 'configFile'>, color: boolean): string {
  const { configFile } = shown(run);
  const config = configFile === undefined ? '' : `\nConfig ${configFile}`;
  return pc.createColors(color).dim(`Account ${placeText(shown(run))}${config}`);
}

type Place = Pick<RunView, 'accountId' | 'region' | 'stateRegion'>;

/** `123456789012, eu-west-2`, or `123456789012, eu-west-2 (state in us-east-1)`. */
export function placeText({ accountId, region, stateRegion }: Place): string {
  return `${accountId}, ${region}${stateRegion === undefined ? '' : ` (state in ${stateRegion})`}`;
}

/** What was done, one line per resource, and why something was not. */
export function outcomeText(outcomes: readonly OutcomeView[], color: boolean): string {
  const { green, red, yellow, dim } = pc.createColors(color);
  const paint: Readonly<Record<Outcome, (text: string) => string>> = {
    unchanged: dim,
    created: green,
    updated: green,
    failed: red,
    blocked: yellow,
    'not-started': yellow,
  };
  const width = Math.max('unchanged'.length, ...outcomes.map((outcome) => outcomeWordOf(outcome).length));
  return shown(outcomes)
    .flatMap(({ id, outcome, error, lacks, undone }) => [
      `${(undone ? yellow : paint[outcome])(outcomeWordOf({ outcome, undone }).padEnd(width))}  ${id}${lacks === undefined ? '' : dim(`  needs --${lacks}`)}`,
      // What only needs a flag is shown once, below.
      ...(error === undefined || lacks !== undefined ? [] : reasonLines(outcome, error)),
    ])
    .join('\n');
}

function outcomeWordOf({ outcome, undone }: Pick<OutcomeView, 'outcome' | 'undone'>): string {
  return undone ? 'rolled back' : outcomeWord(outcome);
}

/** An outcome in words: `not started`. */
export function outcomeWord(outcome: Outcome | RemovalOutcome): string {
  return outcome.replace('-', ' ');
}

/** `12 reads, 3 writes, 1.2 s` */
export function costText({ apiCalls, durationMs }: Pick<RunView, 'apiCalls' | 'durationMs'>): string {
  return `${counted(apiCalls.read, 'read')}, ${counted(apiCalls.write, 'write')}, ${(durationMs / 1_000).toFixed(1)} s`;
}

/** What failed and why, and what to do, below its resource. */
export function errorLines(error: CrcError): readonly string[] {
  const { hint, alternatives } = error;
  return [...whyLines(error), `    ${hint}`, ...alternatives.map((line) => `      ${line}`)];
}

/** Why something was not done. What to do about everything blocked is shown once, at the end. */
export function reasonLines(outcome: Outcome | RemovalOutcome, error: CrcError): readonly string[] {
  return outcome === 'blocked' ? whyLines(error) : errorLines(error);
}

function whyLines({ message, details }: CrcError): readonly string[] {
  return [`    ${message}`, ...details.map((line) => `    | ${line}`)];
}

/** An error that ends a command: what failed and why, each problem on its own line, and what to do. */
export function errorText(given: CrcError, color: boolean): string {
  const error = shown(given);
  const { red, bold, dim } = pc.createColors(color);
  const width = Math.max(0, ...(error.issues ?? []).map(({ place = '' }) => place.length));
  const issues = (error.issues ?? []).map(({ path, message, place = '' }) =>
    ['  ', width === 0 ? '' : `${dim(place.padEnd(width))}  `, path === '' ? '' : `${bold(path)} `, message].join(''),
  );
  const details = error.details.map((line) => `  | ${line}`);
  const alternatives = error.alternatives.map((line) => `  ${line}`);
  return [`${red('error:')} ${error.message}`, ...details, ...issues, error.hint, ...alternatives].join('\n');
}
