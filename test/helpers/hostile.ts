import fc from 'fast-check';

/** Text that a terminal, GitHub, Markdown, a shell or HCL would interpret. */
export const PIECES: readonly string[] = [
  '\n::error::owned',
  '\r\n::stop-commands::x\n',
  '::set-output name=a::b',
  '##[add-mask]x',
  '\n✓ role/Fake  in sync',
  '\u001b[31mred\u001b[39m',
  '\u001b[2J',
  '\u001b]8;;https://evil.com\u001b\\link\u001b]8;;\u0007',
  '\u009b31m',
  '\u0007\b\f\v\u0000\u007f\u0085',
  '\u202etxt.exe\u202c\u2066',
  '\u200b\u200d\u2060\ufeff\u00ad\u{e0041}',
  '\u2028\u2029',
  '\ud800',
  '\udfff',
  '|',
  '\\|',
  '`x`',
  '``',
  '<script>alert(1)</script>',
  '<!-- ',
  '</details>',
  '[a](https://evil.com)',
  '![a](https://evil.com/a.png)',
  'https://evil.com',
  'www.evil.com',
  'me@evil.com',
  '@everyone',
  '&lt;b&gt; &#x202e;',
  '**bold** _it_ ~~gone~~ $x$',
  '\n\n# heading\n\n- list\n',
  '\n```\n',
  "'; touch owned; '",
  '$(touch owned)',
  '${file("/etc/passwd")}',
  '%{ if true }',
  '%0A::error::x',
  '"]; click x "y',
];

/** Generates strings that contain such text. */
export const hostile = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...PIECES) }, fc.string({ unit: 'binary', maxLength: 4 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((pieces) => pieces.join(''));

// biome-ignore lint/suspicious/noControlCharactersInRegex: matches escape sequences.
const OWN_COLOURS = /\u001b\[(?:1|2|3[1-6]|22|39)m/g;
const INVISIBLE = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u;

/** Problems of an output: invisible or control characters, except for crc's own colours, and commands for GitHub. */
export function unsafeOutput(output: string, { color = false }: { readonly color?: boolean } = {}): readonly string[] {
  const text = color ? output.replace(OWN_COLOURS, '') : output;
  return [
    ...(INVISIBLE.exec(text) ?? []).map((sign) => `invisible U+${sign.codePointAt(0)?.toString(16)}`),
    ...(text.includes('##[') ? ['a command in a line'] : []),
  ];
}

/** Lines that GitHub's runner treats as commands. */
export function workflowCommands(output: string): readonly string[] {
  return output.split('\n').filter((line) => line.trimStart().startsWith('::'));
}
