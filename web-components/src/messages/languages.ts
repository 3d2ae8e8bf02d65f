// Which languages come with the elements, each a file that loads when a page speaks it.

import type { LanguagePack } from './messages.ts'

/** By a tag's language, with its script or region where that tells apart. Written out, so that bundlers see each file. */
export const languages: Readonly<Record<string, () => Promise<{ readonly words: LanguagePack }>>> = {
  ar: () => import('./languages/ar.ts'),
  bn: () => import('./languages/bn.ts'),
  cs: () => import('./languages/cs.ts'),
  de: () => import('./languages/de.ts'),
  el: () => import('./languages/el.ts'),
  es: () => import('./languages/es.ts'),
  fa: () => import('./languages/fa.ts'),
  fi: () => import('./languages/fi.ts'),
  fr: () => import('./languages/fr.ts'),
  he: () => import('./languages/he.ts'),
  hi: () => import('./languages/hi.ts'),
  hu: () => import('./languages/hu.ts'),
  id: () => import('./languages/id.ts'),
  it: () => import('./languages/it.ts'),
  ja: () => import('./languages/ja.ts'),
  ko: () => import('./languages/ko.ts'),
  nl: () => import('./languages/nl.ts'),
  pl: () => import('./languages/pl.ts'),
  pt: () => import('./languages/pt.ts'),
  ro: () => import('./languages/ro.ts'),
  ru: () => import('./languages/ru.ts'),
  sr: () => import('./languages/sr.ts'),
  sv: () => import('./languages/sv.ts'),
  sw: () => import('./languages/sw.ts'),
  ta: () => import('./languages/ta.ts'),
  th: () => import('./languages/th.ts'),
  tr: () => import('./languages/tr.ts'),
  uk: () => import('./languages/uk.ts'),
  ur: () => import('./languages/ur.ts'),
  vi: () => import('./languages/vi.ts'),
  'zh-Hans': () => import('./languages/zh-Hans.ts'),
  'zh-Hant': () => import('./languages/zh-Hant.ts'),
}
