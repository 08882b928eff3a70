import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Beyond it a line is hard to read, however wide the terminal is. */
const MAX_COLUMNS = 120;

/** The least that is left for a text beside what stands before it. */
const MIN_TEXT = 24;

/** A label before a text (`error: `) that the lines below are aligned behind; a longer one would take too much of the width. */
const LABEL = /^[a-z][a-z ]{0,8}: /;

/** A line of a list that begins with what it is about. */
const ITEM = /^ +[^\s:]+: /;

/** By how much the lines below are indented where nothing stands before the text that they could be aligned behind. */
const HANGING = 2;

/** Before each line of another's output: no line of it may pass for one of crc's. */
const QUOTED = /^ *\| $/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: the colours that crc paints with.
const COLOURS = /\u001b\[[0-9;]*m/g;

/** Stands for a space that no line may break at. */
const JOINED = '\ue000';

/**
 * A text of lines for a terminal of so many columns: lines that are longer continue below, aligned with where the text of the
 * line starts. That is behind its indentation, its mark (`- `, `~ `), its label (`error: `), and its columns, which two spaces
 * part. Words, ARNs, URLs and commands in backticks stay whole, and stand on a line of their own where they need more than there is.
 * Colours have no width.
 */
export function wrap(text: string, columns: number): string {
  const width = Math.min(columns, MAX_COLUMNS);
  return text
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n');
}

/** The start of a text that fits so many columns, with an ellipsis where something is missing. */
export function cut(text: string, columns: number, ellipsis = '…'): string {
  if (stringWidth(text) <= columns) return text;
  const characters = [...text];
  while (characters.length > 0 && stringWidth(characters.join('')) + ellipsis.length > columns) characters.pop();
  return `${characters.join('')}${ellipsis}`;
}

function wrapLine(line: string, columns: number): string {
  if (stringWidth(line) <= columns) return line;
  const visible = line.replace(COLOURS, '');
  const indent = (/^ */.exec(visible)?.[0] ?? '').length;
  // A word that is longer than any line is not moved to its own line.
  const words = joined(visible, columns - indent)
    .split(' ')
    .map((word) => stringWidth(word));
  const widest = Math.max(0, ...words.filter((width) => width <= columns - indent));
  const needed = Math.min(Math.max(MIN_TEXT, widest), columns - indent);
  const start = textStarts(visible).find((at) => columns - stringWidth(visible.slice(0, at)) >= needed);
  const [head, body] = splitAt(line, start ?? indent);
  const below = startBelow(
    visible,
    start ?? indent,
    start === undefined ? Math.min(HANGING, columns - indent - widest) : 0,
  );
  const free = Math.max(1, columns - stringWidth(below));
  const rows = wrapAnsi(joined(body, free), free, { hard: false }).replaceAll(JOINED, ' ');
  const [first = '', ...rest] = rows.split('\n');
  return [`${head}${first}`, ...rest.map((row) => `${outdented(below, stringWidth(row) - free)}${row}`)].join('\n');
}

/** A word that would fit a line of its own but for the indentation starts further left. */
function outdented(below: string, tooMuch: number): string {
  return tooMuch > 0 && tooMuch <= below.length && below.trim() === '' ? below.slice(tooMuch) : below;
}

/** What the lines below start with: spaces, and `| ` again where a line is another's. */
function startBelow(visible: string, start: number, hanging: number): string {
  const head = visible.slice(0, start);
  return QUOTED.test(head) ? head : ' '.repeat(stringWidth(head) + hanging);
}

/** Where the text of a line may be taken to start, the rightmost first. */
function textStarts(visible: string): readonly number[] {
  const [before = ''] = /^ *(?:[^\w\s"'`([{<.*/\\$] +)?/.exec(visible) ?? [];
  if (QUOTED.test(before)) return [before.length];
  const label = LABEL.exec(visible.slice(before.length))?.[0] ?? '';
  const gaps = [...visible.matchAll(/(?<=\S) {2,}(?=\S)/g)].map((gap) => gap.index + gap[0].length);
  // Below an item of a list (`  roles[0].name: …`) its text would pass for the next item.
  const flush = label === '' && ITEM.test(visible) ? [] : [before.length];
  return [...gaps.reverse(), ...(label === '' ? [] : [before.length + label.length]), ...flush].filter(
    (at) => at >= before.length,
  );
}

/** A line in two, at an index of what is visible of it. The colours that the first part leaves open continue in the second. */
function splitAt(line: string, index: number): readonly [head: string, body: string] {
  let seen = 0;
  let at = 0;
  for (const colour of line.matchAll(COLOURS)) {
    if (seen + colour.index - at >= index) break;
    seen += colour.index - at;
    at = colour.index + colour[0].length;
  }
  const end = at + index - seen;
  return [line.slice(0, end), line.slice(end)];
}

/** A text in which no line can break inside backticks, as long as what they hold fits a line. */
function joined(text: string, columns: number): string {
  return text.replace(/`[^`]*`/g, (code) => (stringWidth(code) <= columns ? code.replaceAll(' ', JOINED) : code));
}
