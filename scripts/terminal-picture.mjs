import xterm from '@xterm/headless';

/** Size of a character cell in pixels. */
const CELL = { width: 8, height: 18 };
const PADDING = 16;
const FONT_SIZE = 13;

/** The picture has its own dark background, so that it is readable on light and dark pages. */
const BACKGROUND = '#0d1117';
const BORDER = '#30363d';
const FOREGROUND = '#e6edf3';
const DIM = '#8b949e';

/** The eight ANSI colours in order, with their CSS classes. */
const COLORS = [
  ['black', '#6e7681'],
  ['red', '#ff7b72'],
  ['green', '#7ee787'],
  ['yellow', '#e3b341'],
  ['blue', '#79c0ff'],
  ['magenta', '#d2a8ff'],
  ['cyan', '#76e3ea'],
  ['white', '#ffffff'],
];

/**
 * Part of a line that has the same style, with its start column.
 *
 * @typedef {{ readonly column: number, text: string, readonly classes: readonly string[] }} Run
 */

/**
 * Draws the lines of a terminal as an SVG without scripts, animations or external resources.
 *
 * @param {readonly (readonly Run[])[]} lines
 * @param {object} options
 * @param {number} options.columns Width of the terminal.
 * @param {string} options.title Text alternative for the picture.
 */
export function terminalPicture(lines, { columns, title }) {
  const width = columns * CELL.width + 2 * PADDING;
  const height = lines.length * CELL.height + 2 * PADDING;
  const texts = lines.flatMap((runs, index) => {
    const y = PADDING + index * CELL.height + FONT_SIZE;
    return runs.map(({ column, text, classes }) => {
      const x = PADDING + column * CELL.width;
      const style = classes.length === 0 ? '' : ` class="${classes.join(' ')}"`;
      // Keeps columns aligned, since fonts differ in width.
      return `<text x="${x}" y="${y}" textLength="${lengthOf(text) * CELL.width}"${style}>${escaped(text)}</text>`;
    });
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    '<style>',
    `text{font:${FONT_SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;fill:${FOREGROUND}}`,
    `.dim{fill:${DIM}}.bold{font-weight:bold}`,
    COLORS.map(([name, color]) => `.${name}{fill:${color}}`).join(''),
    '</style>',
    `<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8" fill="${BACKGROUND}" stroke="${BORDER}"/>`,
    ...texts,
    '</svg>',
    '',
  ].join('\n');
}

/**
 * The lines that a terminal shows after a program has written to it, as runs of equal style, without trailing empty
 * lines.
 *
 * @param {string} written The program's output, including escape sequences.
 * @param {number} columns Width of the terminal.
 * @returns {Promise<readonly (readonly Run[])[]>}
 */
export async function terminalLines(written, columns) {
  const terminal = new xterm.Terminal({
    cols: columns,
    rows: Math.max(1, written.split('\n').length),
    scrollback: 10_000,
    convertEol: true,
    allowProposedApi: true,
  });
  await new Promise((resolve) => terminal.write(written, () => resolve(undefined)));
  const buffer = terminal.buffer.active;
  const lines = Array.from({ length: buffer.length }, (_, index) => runsOf(buffer.getLine(index), columns));
  const last = lines.findLastIndex((runs) => runs.length > 0);
  terminal.dispose();
  return lines.slice(0, last + 1);
}

/**
 * @param {import('@xterm/headless').IBufferLine | undefined} line
 * @param {number} columns
 */
function runsOf(line, columns) {
  /** @type {Run[]} */
  const runs = [];
  for (let column = 0; column < columns; column += 1) {
    const cell = line?.getCell(column);
    const text = cell?.getChars() ?? '';
    // SVG collapses spaces, so each run is positioned by its column.
    if (cell === undefined || text.trim() === '') continue;
    const classes = classesOf(cell);
    const before = runs.at(-1);
    const gap = before === undefined ? 0 : column - before.column - lengthOf(before.text);
    if (before === undefined || gap > 1 || before.classes.join() !== classes.join())
      runs.push({ column, text, classes });
    else before.text += `${' '.repeat(gap)}${text}`;
  }
  return runs;
}

/** @param {import('@xterm/headless').IBufferCell} cell */
function classesOf(cell) {
  const [color] = (cell.isFgPalette() && COLORS[cell.getFgColor() % COLORS.length]) || [];
  return [
    ...(cell.isBold() ? ['bold'] : []),
    ...(cell.isDim() ? ['dim'] : []),
    ...(color === undefined ? [] : [color]),
  ];
}

/** Number of characters, not of UTF-16 code units. @param {string} text */
function lengthOf(text) {
  return [...text].length;
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
