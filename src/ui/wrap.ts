import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** The maximum line length. Longer lines are hard to read, however wide the terminal is. */
const MAX_COLUMNS = 120;

/** The minimum width of a text next to its label or columns. */
const MIN_TEXT = 24;

/** A label with which continuation lines are aligned (`error: `). A longer label would take too much of the width. */
const LABEL = /^[a-z][a-z ]{0,8}: /;

/** A list item that starts with its subject: `  roles[0].name: …` */
const ITEM = /^ +[^\s:]+: /;

/** The additional indentation of continuation lines that cannot be aligned with a text start. */
const HANGING = 2;

/** The mark before each line of another program's output, so that none looks like crc's own. */
const QUOTED = /^ *\| $/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: the colours that crc paints with.
const COLOURS = /\u001b\[[0-9;]*m/g;

/** Replaces a space at which a line must not be broken. */
const JOINED = '\ue000';

/**
 * Wraps the lines of a text for a terminal of the given width. Continuation lines are aligned with the start of the
 * line's text: after its indentation, its mark (`- `, `~ `), its label (`error: `) and its columns, which are separated
 * by two spaces. Words, ARNs, URLs and commands in backticks are never broken; if one does not fit, it gets its own
 * line. Colours have no width.
 */
export function wrap(text: string, columns: number): string {
  const width = Math.min(columns, MAX_COLUMNS);
  return text
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n');
}

/** The start of a text that fits the given number of columns, with an ellipsis if it is cut. */
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

/** Reduces the indentation of a line that would otherwise be too long because of one long word. */
function outdented(below: string, tooMuch: number): string {
  return tooMuch > 0 && tooMuch <= below.length && below.trim() === '' ? below.slice(tooMuch) : below;
}

/** The start of continuation lines: spaces, or `| ` again for another program's output. */
function startBelow(visible: string, start: number, hanging: number): string {
  const head = visible.slice(0, start);
  return QUOTED.test(head) ? head : ' '.repeat(stringWidth(head) + hanging);
}

/** Possible starts of a line's text, rightmost first. */
function textStarts(visible: string): readonly number[] {
  const [before = ''] = /^ *(?:[^\w\s"'`([{<.*/\\$] +)?/.exec(visible) ?? [];
  if (QUOTED.test(before)) return [before.length];
  const label = LABEL.exec(visible.slice(before.length))?.[0] ?? '';
  const gaps = [...visible.matchAll(/(?<=\S) {2,}(?=\S)/g)].map((gap) => gap.index + gap[0].length);
  // A continuation line flush with a list item (`  roles[0].name: …`) would look like the next item.
  const flush = label === '' && ITEM.test(visible) ? [] : [before.length];
  return [...gaps.reverse(), ...(label === '' ? [] : [before.length + label.length]), ...flush].filter(
    (at) => at >= before.length,
  );
}

/** Splits a line at an index into its visible text. Colours that are open in the first part continue in the second. */
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

/** Protects spaces within backticks from line breaks, if the text in backticks fits on a line. */
function joined(text: string, columns: number): string {
  return text.replace(/`[^`]*`/g, (code) => (stringWidth(code) <= columns ? code.replaceAll(' ', JOINED) : code));
}
