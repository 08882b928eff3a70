import type pc from 'picocolors';
import type { Change } from '../engine/types.ts';
import type { Json } from '../json.ts';
import { asRead, expected, inline, isDocument, statementBlocks } from './values.ts';

type Colors = ReturnType<typeof pc.createColors>;

interface ChangeOptions {
  readonly prune: boolean;
  /** A plan shows what values will become, a report what they should be. */
  readonly purpose: 'plan' | 'report';
  /** Explanations of differences are shown in full. */
  readonly details: boolean;
  readonly colors: Colors;
}

type Leaf = Exclude<Change, { kind: 'create' }>;

/** One line per leaf that differs, policies statement by statement; an explanation is shown once for all its leaves. */
export function changeLines(changes: readonly Change[], options: ChangeOptions): readonly string[] {
  const leaves = changes.filter((change): change is Leaf => change.kind !== 'create');
  const columns = leaves.filter((leaf) => !isOfDocuments(leaf));
  const width = Math.max(0, ...columns.map(({ path }) => path.length));
  return leaves.flatMap((leaf, index) => {
    const isRepeated = leaf.why === undefined || leaves[index + 1]?.why === leaf.why;
    return [
      ...leafLines(leaf, width, options),
      ...(isRepeated ? [] : [`      ${whyColor(leaf, options)(whyText(leaf, options))}`]),
    ];
  });
}

function whyText(leaf: Leaf, { details }: ChangeOptions): string {
  const brief = leaf.kind === 'conflict' || details ? undefined : leaf.brief;
  return brief ?? leaf.why ?? '';
}

function whyColor({ kind }: Leaf, { colors: { red, yellow } }: ChangeOptions): (text: string) => string {
  return kind === 'conflict' ? red : yellow;
}

/** Whether a difference is between policy documents. */
export function isOfDocuments({ live, want }: Leaf): boolean {
  return isDocument(live) || isDocument(want);
}

function leafLines(leaf: Leaf, width: number, options: ChangeOptions): readonly string[] {
  const { kind, live, want } = leaf;
  const { purpose, prune, colors } = options;
  const { dim, red, yellow } = colors;
  const path = leaf.path.padEnd(width);
  if (kind === 'remove') {
    const way = purpose === 'report' || prune ? '' : '; needs --prune';
    return [`  ${red('-')} ${path}  ${inline(live)} ${dim(`(not in the config${way})`)}`];
  }
  const sign = kind === 'conflict' ? red('!') : yellow('~');
  if (!isOfDocuments(leaf)) {
    const values =
      purpose === 'plan' ? `${inline(live)} ${dim('→')} ${inline(want)}` : `${inline(live)} ${dim(expected(want))}`;
    return [`  ${sign} ${path}  ${values}`];
  }
  const legend = purpose === 'plan' ? '' : `  ${dim('(- live, + expected)')}`;
  return [`  ${sign} ${leaf.path}${legend}`, ...documentLines(live, want, colors)];
}

type Block = readonly string[];

/** The differences between two documents: similar statements are compared line by line. */
export function documentLines(live: Json, want: Json, colors: Colors): readonly string[] {
  const text = (block: Block) => block.join('\n');
  const only = (these: Json, those: Json) => {
    const unchanged = statementBlocks(those).map(text);
    return statementBlocks(these).filter((block) => !unchanged.includes(text(block)));
  };
  const added = [...only(want, live)];
  const lines: string[] = [];
  for (const before of only(live, want)) {
    const after = takeFirst(added, (block) => isAlike(block, before));
    lines.push(...(after === undefined ? blockLines(before, '-', colors.red) : pairLines(before, after, colors)));
  }
  lines.push(...added.flatMap((block) => blockLines(block, '+', colors.green)));
  // Statements with equal text may still differ in their names (Sid) or the policy version.
  return lines.length > 0 ? lines : [colors.dim('      (the statements mean the same and are written differently)')];
}

/** Whether two statements have the same actions, or are otherwise equal. */
function isAlike([head, ...rest]: Block, [otherHead, ...otherRest]: Block): boolean {
  return head === otherHead || rest.join('\n') === otherRest.join('\n');
}

function takeFirst(blocks: Block[], fits: (block: Block) => boolean): Block | undefined {
  const index = blocks.findIndex(fits);
  return index < 0 ? undefined : blocks.splice(index, 1)[0];
}

/** One statement before and after: common lines are shown between those on one side only. */
function pairLines(before: Block, after: Block, { red, green, dim }: Colors): readonly string[] {
  const indent = (index: number) => (index === 0 ? '' : '  ');
  const line = (sign: string, text: string, index: number) => `    ${sign} ${indent(index)}${text}`;
  const removed = before.flatMap((text, index) => (after.includes(text) ? [] : [line(red('-'), text, index)]));
  const added = after.flatMap((text, index) => (before.includes(text) ? [] : [line(green('+'), text, index)]));
  // A statement is identified by its actions, or by everything else if those differ.
  const isSame = before[0] === after[0];
  const shared = (isSame ? before.slice(0, 1) : before.slice(1)).map((text) => dim(line(' ', text, isSame ? 0 : 1)));
  return isSame ? [...shared, ...removed, ...added] : [...removed, ...added, ...shared];
}

function blockLines([head = '', ...rest]: Block, sign: string, paint: (text: string) => string): readonly string[] {
  return [`    ${paint(sign)} ${head}`, ...asRead(rest).map((line) => `    ${paint(sign)}   ${line}`)];
}
