// What is said of an error. The words of those that hardly anybody meets load when one does.

import type { EarlySignErrorCode, SignErrorCode } from '../messages/messages.ts'
import { signErrorMessages } from '../messages/sign-errors.ts'

let late: typeof import('../messages/elsewhere.ts') | undefined

/** To be waited for before an error is shown. */
export async function loadErrorText(code: SignErrorCode): Promise<void> {
  if (!isEarly(code)) late ??= await import('../messages/elsewhere.ts')
}

export function errorText({ language }: { readonly language: string }, code: SignErrorCode): string {
  const texts = signErrorMessages(language)
  return isEarly(code) ? texts[code] : (late?.elsewhereMessages(language)[code] ?? texts.unexpected)
}

function isEarly(code: SignErrorCode): code is EarlySignErrorCode {
  return Object.hasOwn(signErrorMessages('en'), code)
}
