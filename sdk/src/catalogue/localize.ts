// Apart from the reading of service files: whoever only shows a text loads nothing else.

import type { Localized } from './service-head.ts'

/** The text for a language, else English, else the first there is. */
export function localize(text: Localized, language: string): string {
  const base = language.split('-')[0]!
  const found = [language, base, 'en'].find(each => Object.hasOwn(text, each))
  return (found === undefined ? Object.values(text)[0] : text[found]) ?? ''
}
