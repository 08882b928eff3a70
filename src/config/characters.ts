import { isPlain } from '../json.ts';

// Characters that make a name look like a different one. Subjects are compared byte by byte: a lookalike character in
// one either excludes the intended job, or trusts a name that someone else chose in order to deceive.

/** Invisible, or reverses the direction of text: https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** A pictograph can consist of several code points, some of them invisible on their own. */
const PICTOGRAPHS = /\p{Extended_Pictographic}\uFE0F?(?:\u200D\p{Extended_Pictographic}\uFE0F?)*/gu;

/**
 * Cyrillic, Greek, Armenian and Cherokee letters that look like Latin ones:
 * https://www.unicode.org/Public/security/latest/confusables.txt
 */
const LATIN_LOOKALIKES = new Set('аАвВсСԁеЕԛһНіІјЈКӏоОрРѕЅТѵхХуУԝԜМԌΑαΒΕΖΗΙιΚΜΝνΟοΡρΤΥυΧγօսոհցզՕՍᎪᏴᏟᎠᎬᏀᎻᎫᏦᏞᎷᏢᏒᏚᎢᏙᎳᏃ');

const WORDS = /[\p{L}\p{M}\p{N}]+/gu;

/**
 * The problem with a hidden or lookalike character in a name: `has U+200B, an invisible character; type the name again`.
 * Undefined if there is none.
 */
export function hiddenCharacter(text: string): string | undefined {
  if (isPlain(text)) return undefined;
  const plain = text.replace(PICTOGRAPHS, '');
  const hidden = HIDDEN.exec(plain)?.[0];
  if (hidden !== undefined) return `has ${codePoint(hidden)}, an invisible character; type the name again`;
  const lookalike = lookalikeOf(plain);
  if (lookalike === undefined) return undefined;
  return `has ${codePoint(lookalike)} ("${lookalike}"), which only looks like another character; type the name again`;
}

function lookalikeOf(text: string): string | undefined {
  const compatible = [...text].find(
    (character) => character > '\u007f' && /^[\x20-\x7e]+$/.test(character.normalize('NFKC')),
  );
  if (compatible !== undefined) return compatible;
  return [...text.matchAll(WORDS)].map(([word]) => lookalikeInWord(word)).find((lookalike) => lookalike !== undefined);
}

/**
 * These letters are fine in a word in their own script, but not among Latin letters or in a word made only of
 * lookalikes.
 */
function lookalikeInWord(word: string): string | undefined {
  const letters = [...word].filter((character) => /\p{L}/u.test(character));
  const first = letters.find((letter) => LATIN_LOOKALIKES.has(letter));
  if (first === undefined) return undefined;
  const latin = letters.some((letter) => /\p{Script=Latin}/u.test(letter));
  return latin || letters.every((letter) => LATIN_LOOKALIKES.has(letter)) ? first : undefined;
}

/** `U+200B` */
export function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
