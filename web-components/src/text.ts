// Text that came from outside, made fit to be seen: no control characters, no turning of the reading direction, no more
// than a bounded length (security rule 31). It is only ever put on the page as text.

import type { Json } from '@muniment/sdk'
import { html, nothing, type TemplateResult } from 'lit'
import { formatCount } from './format.ts'
import type { Messages, Plural } from './messages/messages.ts'

export const shownTextLengthMax = 500

/**
 * Control characters, and what only formats: marks that turn the reading direction, variation selectors, tags, private
 * characters and halves of characters. Arabic and Indic scripts spell with the joiners U+200C and U+200D, so those stay between letters.
 */
const unseen = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{Variation_Selector}]/gu
const strayJoiner = /(?<![\p{L}\p{M}])[\u200c\u200d]|[\u200c\u200d](?![\p{L}\p{M}])/gu
const combiningRun = /(\p{M}{3})\p{M}+/gu

/** At most `lengthMax` characters, with an ellipsis where there were more. */
export function cleanText(text: string, lengthMax: number = shownTextLengthMax): string {
  const clean = text
    .slice(0, lengthMax * 4)
    .replace(/[\t\r\n]+/g, ' ')
    .replace(unseen, '')
    .replace(strayJoiner, '')
    .replace(combiningRun, '$1')
    .trim()
  const characters = [...clean]
  const isWhole = characters.length <= lengthMax && text.length <= lengthMax * 4
  return isWhole ? clean : `${characters.slice(0, lengthMax).join('')}…`
}

/**
 * A text that someone is about to sign, without what could not be seen: lines stay, and what is shown is what is signed.
 * Nothing is cut off: its length is for the caller to bound.
 */
export function visibleText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map(line => line.replace(/\t/g, ' ').replace(unseen, '').replace(strayJoiner, '').replace(combiningRun, '$1'))
    .join('\n')
    .trim()
}

/** The value of a document's field as people read it. */
export function fieldText(value: Json, words: { readonly yes: string; readonly no: string }): string {
  if (value === null) return '—'
  if (typeof value === 'boolean') return value ? words.yes : words.no
  return cleanText(typeof value === 'string' ? value : JSON.stringify(value))
}

/** Words of ours, and values that stand isolated among them. */
export type Part = { readonly kind: 'words' | 'value'; readonly text: string }

/** Puts values into `{name}` of a text of ours. A name without a value stays away. */
export function fill(text: string, values: Readonly<Record<string, string>>): readonly Part[] {
  return text
    .split(/\{([a-zA-Z]+)\}/)
    .map((piece, index): Part => {
      if (index % 2 === 0) return { kind: 'words', text: piece }
      return { kind: 'value', text: cleanText(Object.hasOwn(values, piece) ? values[piece]! : '') }
    })
    .filter(({ text }) => text !== '')
}

export function plural(forms: Plural, count: number, language: string): readonly Part[] {
  const form = new Intl.PluralRules(language).select(count)
  return fill(forms[form] ?? forms.other, { count: formatCount(count, language) })
}

/** As one line, for aria-live and for events. */
export function partsText(parts: readonly Part[]): string {
  return parts.map(({ text }) => text).join('')
}

/** A text whose {name} are parts themselves. */
export function fillParts(text: string, values: Readonly<Record<string, readonly Part[]>>): readonly Part[] {
  return text
    .split(/\{([a-zA-Z]+)\}/)
    .flatMap((piece, index): readonly Part[] =>
      index % 2 === 0 ? [{ kind: 'words', text: piece }] : Object.hasOwn(values, piece) ? values[piece]! : [],
    )
    .filter(({ text: shown }) => shown !== '')
}

export function renderParts(parts: readonly Part[]): readonly (string | TemplateResult)[] {
  return parts.map(({ kind, text }) => (kind === 'value' ? html`<bdi>${text}</bdi>` : text))
}

/** Says of words that nobody who speaks the language has read that this is so. */
export function renderTranslationNote({ messages }: { readonly messages: Messages }): unknown {
  const { unreviewed } = messages.translation
  return unreviewed ? html`<p class="muted no-print" part="translation-note"><small>${unreviewed}</small></p>` : nothing
}
