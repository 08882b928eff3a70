/** Expressions that are not idiomatic in a command-line tool, and better ones. */
const OLD_WORDS: readonly (readonly [pattern: RegExp, better: string])[] = [
  [/\banew\b/i, 'again, recreated'],
  [/(?<!")\b(mends?|mended|settles? (this|it)|put right)\b/i, 'fix, resolve'],
  [/\bConverged\./, 'Done. 11 created, 0 changed.'],
  [/running it again is safe/i, 'Fix it and rerun the command.'],
  [/what the config does not name/i, 'not in the config'],
  [/\btakes? (it|them) away\b/i, 'removes it'],
  [/\bis not there\b/i, 'not found, does not exist'],
  [/\bthere is no (such )?(file|role)\b/i, 'not found, does not exist'],
  [/\btaken worldwide\b/i, 'must be globally unique'],
  [/\b(small|capital) letters?\b/i, 'lowercase, uppercase, case-sensitive'],
  [/\bis no (format|command|flag|region|profile|name)\b/i, 'unknown format "yaml"'],
  [/\bis none of\b/i, 'must be one of'],
  [/\bGet some\b/, 'Log in: `aws sso login`.'],
  [/\berror of its own\b/i, 'an internal error'],
  [/\bunder way\b/i, 'in progress'],
  [/\banother than\b/i, 'different from'],
  [/\b(not meant to|as it is meant|as it should be)\b/i, 'denied, as intended; as configured'],
  [/\b(somebody|anybody|everybody|whoever|whose it is)\b/i, 'another user or process, anyone, everyone, the owner'],
  [/\b(tells?|told) (you|it|what|the|of)\b/i, 'shows, reports, prints'],
  [/behind crc's back/i, 'outside crc'],
  [/\bdo not go together\b/i, 'cannot be used together'],
  [/\bName (one|it) (of|with)\b/, 'Choose from …, Pass --flag'],
  [/\bMake it\b/, 'Create it'],
  [/\b(, and|and) run it again\b/i, 'then run the command again'],
  [/\bnone of (its|their|crc's) business\b/i, 'ignored, left out'],
  [/\b(is|are) told of\b/i, 'is reported'],
  [/\b(is|are) to be (pasted|said|saved|closed|explained|fixed)\b/i, 'for pasting; what to fix'],
  [/\b(helps?|missed by) nobody\b/i, 'is of no use'],
  [/\bby half\b/i, 'cut off, incomplete'],
  [/\bin silence\b/i, 'silently'],
  [/\b(fails?|says?) aloud\b/i, 'fails with an error'],
  [/\bothers than\b/i, 'more than, other … than'],
  [/\bleft the config\b/i, 'is no longer in the config'],
  [/\bfor ever\b/i, 'forever'],
  [/\bmisspelt\b/i, 'misspelled'],
  [/\bhears? of\b/i, 'is called with, is notified of'],
  [/\bdo(es)? not go with\b/i, 'cannot be used with'],
  [/\bcomes? to be\b/i, 'is created'],
  [/\bhad in mind\b/i, 'intended'],
  [/\b(is|was) there already\b/i, 'already exists'],
];

/**
 * Words that are only wrong in messages. In comments and test names they also have a correct meaning: `a role is made
 * of`.
 */
const OLD_WORDS_OF_MESSAGES: typeof OLD_WORDS = [
  [/(?<!\b(?:changes|were|is|call is|request is) |half-)\b(made|remade)\b(?! so far)/i, 'created, recreated, again'],
];

/** Expressions to avoid in comments and titles of tests. */
const OLD_WORDS_OF_TESTS: typeof OLD_WORDS = [
  [/\b(is|are) no (error|state|drift|failure|answer|absence|JSON|log|object|number|harm)s?\b/i, 'is not an error'],
  [/\bnobody\b/i, 'no one, no other process'],
  [/\bhalf-way\b/i, 'halfway'],
  [/\bbeside\b/i, 'next to, in addition to'],
  [/\b(and|which) says so\b/i, 'and reports it'],
  [/\bin (its|AWS's|Terraform's) words\b/i, "with AWS's message"],
  [/\bone's own\b/i, "the user's own, a copy"],
];

/** Unidiomatic expressions in a message or page, with better ones. */
export function oldWords(text: string): readonly string[] {
  return problemsIn([...OLD_WORDS, ...OLD_WORDS_OF_MESSAGES], text);
}

/** Unidiomatic expressions in a comment or test name, with better ones. */
export function oldWordsOfComment(text: string): readonly string[] {
  return problemsIn(OLD_WORDS, text);
}

/** Unidiomatic expressions in a comment or title in test/, bench/ or scripts/, with better ones. */
export function oldWordsOfTest(text: string): readonly string[] {
  return problemsIn([...OLD_WORDS, ...OLD_WORDS_OF_TESTS], text);
}

function problemsIn(list: typeof OLD_WORDS, text: string): readonly string[] {
  return list.flatMap(([pattern, better]) => {
    const match = pattern.exec(text)?.[0];
    return match === undefined ? [] : [`"${match}", better: ${better}`];
  });
}
