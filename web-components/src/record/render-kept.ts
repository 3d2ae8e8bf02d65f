// What somebody keeps in this browser, as <muniment-record> shows it.

import { limits, localize } from '@muniment/sdk'
import { html, nothing, type TemplateResult } from 'lit'
import { formatCount, formatDate } from '../format.ts'
import { type KeptMessages, keptMessages } from '../messages/kept.ts'
import { recordMessages } from '../messages/record.ts'
import { signErrorMessages } from '../messages/sign-errors.ts'
import { canUsePasskeys } from '../sign/methods.ts'
import { cleanText, fill, renderParts } from '../text.ts'
import type { Words } from '../verify/describe.ts'
import type { KeptEntry, KeptList, OpenWallet } from './wallet.ts'
import type { StoredWallet } from './wallet-database.ts'
import type { WalletErrorCode } from './wallet-error.ts'

export type KeptPhase = { readonly problem?: WalletErrorCode | undefined } & (
  | { readonly name: 'working' | 'asking' | 'none' | 'protect' | 'broken' }
  | { readonly name: 'locked'; readonly stored: StoredWallet }
  | ListPhase
  | { readonly name: 'remove'; readonly list: ListPhase; readonly document: KeptEntry }
  | { readonly name: 'remove-all'; readonly from: KeptPhase }
  | { readonly name: 'copy'; readonly list: ListPhase }
  | { readonly name: 'copy-open'; readonly from: KeptPhase; readonly wallet: OpenWallet | undefined }
)

type ListPhase = {
  readonly name: 'list'
  readonly wallet: OpenWallet
  readonly list: KeptList
  readonly problem?: WalletErrorCode | undefined
}

export type KeptActions = {
  readonly protect: (way: 'passkey' | 'device') => void
  readonly unlock: (stored: StoredWallet) => void
  readonly lock: (wallet: OpenWallet) => void
  readonly addPasskey: (wallet: OpenWallet) => void
  readonly open: (document: KeptEntry) => void
  readonly enter: (phase: KeptPhase) => void
  readonly remove: (wallet: OpenWallet, document: KeptEntry) => void
  readonly removeAll: () => void
  readonly saveCopy: (wallet: OpenWallet, typed: { readonly passphrase: string; readonly again: string }) => void
  readonly openCopy: (
    wallet: OpenWallet | undefined,
    given: { readonly file: File; readonly passphrase: string },
  ) => void
  readonly again: () => void
  readonly back: () => void
}

type Given = { readonly words: Words; readonly texts: KeptMessages; readonly actions: KeptActions }

export function renderKept(words: Words, phase: KeptPhase, actions: KeptActions): TemplateResult {
  const texts = keptMessages(words.language)
  if (phase.name === 'working' || phase.name === 'asking') {
    const said = phase.name === 'asking' ? words.messages.sign.askingPasskey : texts.working
    return html`<p class="status" role="status">${said}</p>
      <progress aria-label=${said}></progress>
      <div class="actions">${button(words.messages.verify.cancel, actions.back)}</div>`
  }
  const given = { words, texts, actions }
  return html`<div class="panel appear" part="kept">
    <h3 class="phase-heading" tabindex="-1">${headingOf(phase, given)}</h3>
    ${phase.problem ? html`<p class="problem" part="problem" role="alert">${problemText(phase.problem, words)}</p>` : nothing}
    ${renderInside(phase, given)}
  </div>`
}

function headingOf(phase: KeptPhase, { words, texts }: Given): unknown {
  switch (phase.name) {
    case 'protect':
      return texts.protectHeading
    case 'remove':
      return renderParts(fill(texts.removeHeading, { name: nameOf(phase.document, words) }))
    case 'remove-all':
      return texts.removeAll
    case 'copy':
      return texts.copy
    case 'copy-open':
      return texts.copyOpen
    default:
      return recordMessages(words.language).kept
  }
}

function problemText(code: WalletErrorCode, { language }: Words): unknown {
  const own: Readonly<Record<string, string>> = keptMessages(language)
  const text = own[code] ?? signErrorMessages(language)[code as keyof ReturnType<typeof signErrorMessages>]
  return renderParts(fill(text, { count: formatCount(limits.passphraseLengthMin, language) }))
}

function renderInside(phase: KeptPhase, given: Given): unknown {
  const { texts, actions, words } = given
  const { back } = words.messages.sign
  switch (phase.name) {
    case 'protect':
      return renderProtect(given)
    case 'none':
      return html`<p>${texts.none}</p>
        <div class="actions">${openCopyButton(phase, given)} ${button(back, actions.back)}</div>`
    case 'locked':
      return html`<p>${texts.locked}</p>
        <div class="actions">
          ${button(texts.unlock, () => actions.unlock(phase.stored), 'primary')} ${button(back, actions.back)}
        </div>
        <details>
          <summary>${texts.lost}</summary>
          <p>${texts.lostLead}</p>
          ${removeAllButton(phase, given)}
        </details>`
    case 'list':
      return renderList(phase, given)
    case 'remove':
      return renderRemove(given, phase.list, () => actions.remove(phase.list.wallet, phase.document))
    case 'remove-all':
      return renderRemove(given, phase.from, actions.removeAll)
    case 'copy':
      return renderCopy(phase.list, given)
    case 'copy-open':
      return renderOpenCopy(phase.wallet, { ...given, back: () => actions.enter(phase.from) })
    default:
      return html`<div class="actions">
        ${button(words.messages.sign.again, actions.again)} ${button(back, actions.back)}
        ${phase.problem === 'damaged' ? removeAllButton(phase, given) : nothing}
      </div>`
  }
}

/** Each way with what it means, before one is chosen. */
function renderProtect({ texts, actions, words }: Given): TemplateResult {
  const ways = [
    ...(canUsePasskeys() ? ([['passkey', texts.byPasskey, texts.byPasskeyHint]] as const) : []),
    ['device', texts.byBrowser, texts.byBrowserHint] as const,
  ]
  return html`<p>${texts.protectLead}</p>
    ${ways.map(
      ([way, text, hint], index) => html`<div class="way">
        <button
          type="button"
          class=${index === 0 ? 'primary' : ''}
          part="button button-${way}"
          @click=${() => actions.protect(way)}
        >
          ${text}
        </button>
        <p class="muted">${hint}</p>
      </div>`,
    )}
    <div class="actions">${button(words.messages.sign.back, actions.back)}</div>`
}

function renderList(phase: ListPhase, given: Given): TemplateResult {
  const { texts, actions, words } = given
  const { wallet, list } = phase
  const { passkeys } = wallet
  const unreadable = formatCount(list.unreadable, words.language)
  return html`
    ${
      list.documents.length === 0
        ? html`<p>${texts.none}</p>`
        : html`<ul class="kept" part="documents">${list.documents.map((each, index) => renderDocument(each, index, { ...given, phase }))}</ul>`
    }
    ${list.unreadable > 0 ? html`<p class="problem" part="problem">${renderParts(fill(texts.unreadable, { count: unreadable }))}</p>` : nothing}
    <p class="muted">${passkeys > 0 ? texts.byPasskeyHint : texts.byBrowserHint}</p>
    <div class="actions">
      ${list.documents.length > 0 ? button(texts.copy, () => actions.enter({ name: 'copy', list: phase })) : nothing}
      ${openCopyButton(phase, given)}
      ${
        passkeys > 0
          ? button(texts.addPasskey, () => actions.addPasskey(wallet))
          : canUsePasskeys()
            ? button(texts.byPasskey, () => actions.lock(wallet))
            : nothing
      }
      ${button(words.messages.sign.back, actions.back)} ${removeAllButton(phase, given)}
    </div>`
}

function renderDocument(
  document: KeptEntry,
  index: number,
  { texts, actions, words, phase }: Given & { readonly phase: ListPhase },
): TemplateResult {
  const { language, messages } = words
  const at = { seconds: document.keptAt, nanos: 0 }
  const date = formatDate(at, { language, withTime: false, unknown: messages.verify.unknownTime })
  const issuer = cleanText(localize(document.issuer, language))
  return html`<li part="document">
    <div id=${`kept-${index}`}>
      <strong><bdi>${nameOf(document, words)}</bdi></strong>
      ${issuer ? html`<p class="muted"><bdi>${issuer}</bdi></p>` : nothing}
      <p class="muted">${renderParts(fill(texts.keptOn, { date }))}</p>
    </div>
    <div class="actions">
      <button type="button" part="button" aria-describedby=${`kept-${index}`} @click=${() => actions.open(document)}>
        ${recordMessages(language).open}
      </button>
      <button
        type="button"
        part="button"
        aria-describedby=${`kept-${index}`}
        @click=${() => actions.enter({ name: 'remove', list: phase, document })}
      >
        ${texts.remove}
      </button>
    </div>
  </li>`
}

function renderRemove({ texts, actions, words }: Given, from: KeptPhase, press: () => void): TemplateResult {
  return html`<p>${texts.removeLead}</p>
    <div class="actions">
      ${button(texts.remove, press, 'primary')}
      ${button(words.messages.verify.cancel, () => actions.enter({ ...from, problem: undefined }))}
    </div>`
}

function renderCopy(list: ListPhase, { texts, actions, words }: Given): TemplateResult {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const typed = (name: string): string => (form.elements.namedItem(name) as HTMLInputElement).value
    actions.saveCopy(list.wallet, { passphrase: typed('passphrase'), again: typed('again') })
  }
  return html`<p>${texts.copyLead}</p>
    <form class="form" novalidate @submit=${submit}>
      ${passphraseField('passphrase', texts.passphrase, 'new-password')}
      <p class="muted" id="hint">${problemText('passphraseHint', words)}</p>
      ${passphraseField('again', texts.passphraseAgain, 'new-password')}
      <div class="actions">
        <button type="submit" class="primary" part="button-primary">${texts.copy}</button>
        ${button(words.messages.sign.back, () => actions.enter(list))}
      </div>
    </form>`
}

function renderOpenCopy(
  wallet: OpenWallet | undefined,
  { texts, actions, words, back }: Given & { readonly back: () => void },
): TemplateResult {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const input = form.elements.namedItem('file') as HTMLInputElement
    const passphrase = (form.elements.namedItem('passphrase') as HTMLInputElement).value
    const file = input.files?.[0]
    if (file) actions.openCopy(wallet, { file, passphrase })
    else input.focus()
  }
  return html`<form class="form" novalidate @submit=${submit}>
    <label class="text-label" for="file">${texts.copyFile}</label>
    <input id="file" name="file" part="input" type="file" accept=".muniment" />
    ${passphraseField('passphrase', texts.passphrase, 'current-password')}
    <div class="actions">
      <button type="submit" class="primary" part="button-primary">${texts.copyOpen}</button>
      ${button(words.messages.sign.back, back)}
    </div>
  </form>`
}

function passphraseField(
  name: string,
  label: string,
  autocomplete: 'new-password' | 'current-password',
): TemplateResult {
  return html`<label class="text-label" for=${name}>${label}</label>
    <input
      id=${name}
      name=${name}
      part="input"
      type="password"
      autocomplete=${autocomplete}
      aria-describedby=${name === 'passphrase' && autocomplete === 'new-password' ? 'hint' : nothing}
    />`
}

function openCopyButton(phase: KeptPhase, { texts, actions }: Given): TemplateResult {
  const wallet = phase.name === 'list' ? phase.wallet : undefined
  return button(texts.copyOpen, () =>
    actions.enter({ name: 'copy-open', from: { ...phase, problem: undefined }, wallet }),
  )
}

function removeAllButton(phase: KeptPhase, { texts, actions }: Given): TemplateResult {
  return button(texts.removeAll, () => actions.enter({ name: 'remove-all', from: phase }), 'plain')
}

function nameOf({ title }: KeptEntry, { language }: Words): string {
  return cleanText(localize(title, language), limits.nameLengthMax)
}

function button(text: string, press: () => void, kind: '' | 'primary' | 'plain' = ''): TemplateResult {
  const part = kind === 'primary' ? 'button-primary' : 'button'
  return html`<button type="button" class=${kind} part=${part} @click=${press}>${text}</button>`
}
