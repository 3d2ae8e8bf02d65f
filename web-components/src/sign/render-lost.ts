// The recovery of a lost account, as <muniment-keys> shows it.

import { formatHex, formatJson, parseHex } from '@muniment/sdk'
import { html, nothing, type TemplateResult } from 'lit'
import { formatCount, formatDate } from '../format.ts'
import { keysMessages } from '../messages/keys.ts'
import { fill, renderParts } from '../text.ts'
import type { Words } from '../verify/describe.ts'
import { errorText } from './error-text.ts'
import type { SignMethod } from './key.ts'
import { canUsePasskeys } from './methods.ts'
import { type Begun, type Lost, recoveryState } from './recovery.ts'

export type LostActions = {
  readonly begin: (method: SignMethod, guardians: readonly Uint8Array[]) => void
  readonly look: () => void
  readonly finish: () => void
  readonly giveUp: () => void
  readonly open: () => void
}

/** An account as people type it; undefined for what is none. */
export function readAccountId(text: string): Uint8Array | undefined {
  const trimmed = text.trim().toLowerCase()
  return /^[0-9a-f]{64}$/.test(trimmed) ? parseHex(trimmed) : undefined
}

/** Asks which account was lost. */
export function renderFindLost(words: Words, find: (account: Uint8Array) => void): TemplateResult {
  const texts = keysMessages(words.language)
  const press = (event: Event): void => {
    const root = (event.currentTarget as HTMLElement).getRootNode() as ShadowRoot
    const input = root.querySelector<HTMLInputElement>('#lost-account')!
    const account = readAccountId(input.value)
    input.setCustomValidity(account ? '' : texts.badAccount)
    if (account) find(account)
    else input.reportValidity()
  }
  return html`<details part="find-lost">
    <summary>${texts.lost}</summary>
    <div class="fields">
      <p class="muted">${texts.lostLead}</p>
      <label for="lost-account">${texts.lostAccount}</label>
      <input id="lost-account" class="code" dir="ltr" autocomplete="off" spellcheck="false" />
      <div><button type="button" part="button button-find" @click=${press}>${texts.lostFind}</button></div>
    </div>
  </details>`
}

export function renderLost(words: Words, lost: Lost, actions: LostActions): TemplateResult {
  const texts = keysMessages(words.language)
  return html`<h3 class="phase-heading" tabindex="-1">${texts.lostHeading}</h3>
    <p><bdi class="code" dir="ltr">${formatHex(lost.account)}</bdi></p>
    ${lost.begun ? renderBegun(words, { ...lost, begun: lost.begun }, actions) : renderChoice(words, lost, actions)}`
}

function renderChoice(words: Words, { entry }: Lost, { begin }: LostActions): TemplateResult {
  const texts = keysMessages(words.language)
  const { guardians } = entry
  const least = guardians?.threshold ?? 0
  const count = formatCount(least, words.language)
  const make = (method: SignMethod) => (event: Event) => {
    const root = (event.currentTarget as HTMLElement).getRootNode() as ShadowRoot
    const boxes = [...root.querySelectorAll<HTMLInputElement>('[name=lost-guardian]')]
    const chosen = boxes.filter(({ checked }) => checked).map(({ value }) => parseHex(value))
    const isEnough = chosen.length >= least
    const [first] = boxes
    first?.setCustomValidity(isEnough ? '' : errorText(words, 'signers-missing'))
    if (isEnough) begin(method, chosen)
    else first?.reportValidity()
  }
  return html`<p>${texts.lostLead}</p>
    ${
      guardians
        ? html`<fieldset class="methods">
            <legend>${renderParts(fill(texts.lostChoose, { count }))}</legend>
            ${guardians.accounts.map(
              (account, index) => html`<label class="method">
                <input type="checkbox" name="lost-guardian" value=${formatHex(account)} .checked=${index < least} />
                <bdi class="code" dir="ltr">${formatHex(account)}</bdi>
              </label>`,
            )}
          </fieldset>`
        : html`<p class="notice advice" part="notice">${texts.lostNone}</p>`
    }
    <div class="actions">
      ${
        canUsePasskeys()
          ? html`<button type="button" class="primary" part="button-primary" @click=${make('passkey')}>
              ${texts.lostMake}
            </button>`
          : nothing
      }
      <button type="button" part="button" @click=${make('device')}>${texts.lostMakeDevice}</button>
    </div>`
}

function renderBegun(words: Words, lost: Lost & { readonly begun: Begun }, actions: LostActions): TemplateResult {
  const texts = keysMessages(words.language)
  const { entry, begun, client } = lost
  const state = recoveryState(entry, begun.key, client.now())
  const unknown = words.messages.verify.unknownTime
  const time = entry.recovery
    ? formatDate(entry.recovery.readyTime, { language: words.language, withTime: true, unknown })
    : unknown
  const said = {
    unheard: texts.lostWaiting,
    other: texts.lostOther,
    running: texts.lostRunning,
    ready: texts.lostReady,
    done: texts.lostDone,
  }[state]
  const button = (text: string, press: () => void): TemplateResult =>
    html`<button type="button" class="primary" part="button-primary" @click=${press}>${text}</button>`
  return html`<p class="notice advice" part="standing" role="status">${renderParts(fill(said, { time }))}</p>
    <div class="actions">
      ${state === 'ready' ? button(texts.lostFinish, actions.finish) : nothing}
      ${state === 'done' ? button(words.messages.sign.keysShow, actions.open) : nothing}
      ${state === 'ready' || state === 'done' ? nothing : button(texts.lostLook, actions.look)}
    </div>
    ${state === 'unheard' ? renderAsking(words, lost) : nothing}
    <div class="actions">
      <button type="button" class="plain" part="button" @click=${actions.giveUp}>${texts.lostForget}</button>
    </div>`
}

/** What guardians, or officials, are given. */
function renderAsking(words: Words, { begun, origin }: Lost & { readonly begun: Begun }): TemplateResult {
  const texts = keysMessages(words.language)
  const address = new URL(origin === undefined ? location.href : `${origin}/identity`)
  address.hash = begun.proposal
  return html`${
    begun.proposal === ''
      ? nothing
      : html`<label for="lost-link">${texts.lostLink}</label>
          <textarea id="lost-link" class="code" dir="ltr" rows="3" readonly .value=${address.href}></textarea>
          <p class="muted">${texts.lostLinkHint}</p>`
  }
    <details ?open=${begun.proposal === ''}>
      <summary>${texts.lostOffice}</summary>
      <div class="fields">
        <label for="lost-office">${texts.lostOfficeHint}</label>
        <textarea id="lost-office" class="code" dir="ltr" rows="4" readonly .value=${formatJson(begun.args)}></textarea>
      </div>
    </details>`
}
