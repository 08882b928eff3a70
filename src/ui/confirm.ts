/** Asks for a line of text. Throws Cancelled when the user cancels, and an AbortError when the signal fires. */
export async function askLine(question: string, signal?: AbortSignal): Promise<string> {
  const { askText } = await import('./ask.ts');
  return await askText({ message: question, signal });
}

export interface ConfirmOptions {
  /** The meaning of Enter alone. */
  readonly enter?: 'yes' | 'no';
  readonly ask?: typeof askLine;
}

/**
 * Asks until the answer is a yes or a no. Both are typed and sent with Enter: with single keys, the `y` inside another
 * word would count as consent. Throws Cancelled and AbortError as `askLine` does.
 */
export async function confirm(
  question: string,
  signal?: AbortSignal,
  { enter = 'no', ask = askLine }: ConfirmOptions = {},
): Promise<boolean> {
  const choices = enter === 'yes' ? '[Y/n]' : '[y/N]';
  for (let prompt = question; ; prompt = `Please answer yes or no. ${question}`) {
    const answer = (await ask(`${prompt} ${choices}`, signal)) || enter;
    if (/^y(es)?$/i.test(answer)) return true;
    if (/^no?$/i.test(answer)) return false;
  }
}
