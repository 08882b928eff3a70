import { describe, expect, it } from 'vitest';
import { terminalLines, terminalPicture } from '../../scripts/terminal-picture.mjs';

const textsOf = (svg: string) => [...svg.matchAll(/<text [^>]*>[^<]*<\/text>/g)].map(([text]) => text);
const picture = async (written: string) =>
  terminalPicture(await terminalLines(written, 40), { columns: 40, title: 'A & B' });

describe('the picture of a terminal', () => {
  it('has a text element for each run of equal style, at its position', async () => {
    const svg = await picture(
      '\u001b[32m✓\u001b[39m \u001b[1mlock-table\u001b[22m  \u001b[2min sync\u001b[22m\n\nend\n',
    );
    expect(textsOf(svg)).toEqual([
      '<text x="16" y="29" textLength="8" class="green">✓</text>',
      '<text x="32" y="29" textLength="80" class="bold">lock-table</text>',
      '<text x="128" y="29" textLength="56" class="dim">in sync</text>',
      '<text x="16" y="65" textLength="24">end</text>',
    ]);
  });

  it('shows the final screen without the frames of a spinner', async () => {
    expect(textsOf(await picture('spinning\r\u001b[Kdone\n'))).toEqual([expect.stringContaining('>done<')]);
  });

  it('escapes every text', async () => {
    const svg = await picture('<b>&</b>');
    expect(svg).toContain('&lt;b&gt;&amp;&lt;/b&gt;');
    expect(svg).toContain('<title>A &amp; B</title>');
  });

  it('contains no scripts and no external resources', async () => {
    const svg = (await picture('text')).replace('xmlns="http://www.w3.org/2000/svg"', '');
    expect(svg).not.toMatch(/http|url\(|@import|<script|href|<image|<foreignObject/);
  });

  it('is as high as its lines, without trailing empty lines', async () => {
    expect(await picture('1\n2\n3\n\n\n')).toContain('viewBox="0 0 352 86"');
  });
});
