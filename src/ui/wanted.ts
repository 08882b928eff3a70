import type pc from 'picocolors';
import type { Json } from '../json.ts';
import { asRead, documentInBrief, inline, isDocument, statementBlocks } from './values.ts';
import type { ExplainedFinding } from './view.ts';

interface WantedOptions {
  /** Whether to show every leaf, and full documents. */
  readonly details: boolean;
  /** The tags that are shown once for all resources, and so not repeated. */
  readonly tags: string;
  readonly colors: ReturnType<typeof pc.createColors>;
}

/** The wanted state of a resource that will be created, briefly or in full. */
export function wantedLines({ want, brief }: ExplainedFinding, options: WantedOptions): readonly string[] {
  const set = want.filter(({ value }) => isSet(value));
  return options.details ? leafLines(set, options) : briefLines(set, brief, options);
}

function isSet(value: Json): boolean {
  return value !== null && !(Array.isArray(value) && value.length === 0);
}

type Leaves = ExplainedFinding['want'];

function leafLines(leaves: Leaves, { colors: { green } }: WantedOptions): readonly string[] {
  const width = Math.max(0, ...leaves.map(({ path }) => path.length));
  return leaves.flatMap(({ path, value }) =>
    isDocument(value)
      ? [
          `  ${green('+')} ${path}`,
          ...statementBlocks(value).flatMap(([head = '', ...rest]) => [
            `      ${head}`,
            ...asRead(rest).map((line) => `        ${line}`),
          ]),
        ]
      : [`  ${green('+')} ${path.padEnd(width)}  ${inline(value)}`],
  );
}

/** Facts on one line, and one line for each policy. */
function briefLines(leaves: Leaves, brief: ExplainedFinding['brief'], options: WantedOptions): readonly string[] {
  const { dim } = options.colors;
  const documents = leaves.filter(({ value }) => isDocument(value));
  const width = Math.max(0, ...documents.map(({ path }) => path.length));
  const names = [...new Set(leaves.filter((leaf) => !documents.includes(leaf)).map(({ path }) => factOf(path)))];
  const texts = names.flatMap((fact) => {
    const own = leaves.filter(({ path }) => factOf(path) === fact);
    if (fact === 'tags') return tagText(own) === options.tags ? [] : [`tags ${tagText(own)}`];
    const text = Object.hasOwn(brief, fact) ? brief[fact] : factText(fact, own);
    return text === undefined ? [] : [text];
  });
  return [
    ...(texts.length === 0 ? [] : [`    ${texts.join('; ')}`]),
    ...documents.map(({ path, value }) => `    ${dim(path.padEnd(width))}  ${documentInBrief(value)}`),
  ];
}

/** `capacity` of `capacity.read` */
function factOf(path: string): string {
  return path.split('.', 1)[0] ?? path;
}

/** `versioning Enabled`, `objectLock mode COMPLIANCE, days 5` */
function factText(fact: string, leaves: Leaves): string {
  const values = leaves.map(({ path, value }) => `${path.slice(fact.length + 1)} ${inline(value)}`.trim());
  return `${fact} ${values.join(', ')}`;
}

/** The tags of all resources that will be created and have tags; empty if they differ. */
export function sharedTags(findings: readonly ExplainedFinding[]): string {
  const tagged = findings
    .filter(({ status }) => status === 'absent')
    .map(({ want }) => tagText(want.filter(({ path }) => factOf(path) === 'tags')))
    .filter((text) => text !== '');
  const [first = ''] = tagged;
  return tagged.every((text) => text === first) ? first : '';
}

function tagText(leaves: Leaves): string {
  return leaves.map(({ path, value }) => `${path.slice('tags.'.length)}=${inline(value)}`).join(', ');
}
