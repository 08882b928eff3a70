import { Cancelled } from '../errors.ts';
import { askLine } from './confirm.ts';

interface MfaQuestion {
  readonly profile: string;
  readonly device: string;
  readonly signal: AbortSignal;
}

/** Prompts for the six digits that an MFA device shows. Throws Cancelled without an answer. */
export async function askMfaCode(
  { profile, device, signal }: MfaQuestion,
  ask: typeof askLine = askLine,
): Promise<string> {
  const question = `MFA code of ${device} (AWS profile ${profile}):`;
  for (let prompt = question; ; prompt = `A code has six digits. ${question}`) {
    const answer = await ask(prompt, signal);
    if (/^\d{6}$/.test(answer)) return answer;
    if (answer === '') throw new Cancelled();
  }
}
