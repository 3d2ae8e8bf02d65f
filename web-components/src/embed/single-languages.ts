// In the single file stands this in place of messages/languages.ts: a file can't load a language when it is asked for, and with all of
// them inside it would be three times as large. Its own texts are in these languages too (single-texts.ts).

import type { LanguagePack } from '../messages/messages.ts'

export const languages: Readonly<Record<string, () => Promise<{ readonly words: LanguagePack }>>> = {
  ar: () => import('../messages/languages/ar.ts'),
}
