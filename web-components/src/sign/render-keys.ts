// The parts of <muniment-keys> that only show.

import {
  type AccountEntry,
  Algorithm,
  formatHex,
  formatJson,
  type Guardians,
  type HeldKey,
  type Json,
  localize,
  type PendingRecovery,
  parseBase64Url,
  parseHex,
} from '@muniment/sdk'
import { html, nothing, type TemplateResult } from 'lit'
import { formatCount, formatDate } from '../format.ts'
import { type KeysMessages, keysMessages as textsFor } from '../messages/keys.ts'
import { cleanText, fill, renderParts } from '../text.ts'
import type { Words } from '../verify/describe.ts'
import { renderRows } from '../verify/render.ts'
import type { AccountAct } from './account.ts'
import type { SigningKey } from './key.ts'
import { canUsePasskeys } from './methods.ts'

/** The element's words come with this part. */
export function keysMessages(language: string): KeysMessages {
  return textsFor(language)
}

type KeyActions = {
  readonly end: (held: HeldKey) => void
  readonly addPasskey: () => void
  readonly addDevice: () => void
  readonly cancelRecovery: () => void
  readonly setGuardians: (guardians: readonly Uint8Array[], threshold: number) => void
}

type Given = { readonly key: SigningKey; readonly entry: AccountEntry | undefined; readonly actions: KeyActions }

export function renderAccount(words: Words, { key, entry, actions }: Given): TemplateResult {
  const texts = textsFor(words.language)
  const { signer, account, method } = key
  const own: HeldKey = { key: signer.key, fromHeight: 0n, endedHeight: 0n, passkey: undefined }
  const held = entry?.keys.filter(each => each.endedHeight === 0n) ?? [own]
  const isOwn = (each: HeldKey): boolean => formatHex(each.key.bytes) === formatHex(signer.key.bytes)
  const isPasskey = (each: HeldKey): boolean => each.passkey !== undefined || (isOwn(each) && method === 'passkey')
  return html`<h3 class="phase-heading" tabindex="-1">${texts.account}</h3>
    <p><bdi class="code" dir="ltr">${formatHex(account)}</bdi></p>
    <p class="muted">${texts.accountHint}</p>
    ${entry?.recovery ? renderRecovery(words, entry.recovery, actions) : nothing}
    <ul class="signers">
      ${held.map(
        each => html`<li class=${isOwn(each) ? 'signed' : ''}>
          <span>
            <b>${isPasskey(each) ? texts.passkey : texts.deviceKey}</b>
            <bdi class="code" dir="ltr">${shortKey(each.key.bytes)}</bdi>
          </span>
          <span class="muted">
            ${
              each.fromHeight > 0n
                ? renderParts(fill(texts.since, { height: formatCount(each.fromHeight, words.language) }))
                : nothing
            }
            ${isOwn(each) ? html`<b>${texts.here}</b>` : nothing}
          </span>
          ${
            held.length > 1
              ? html`<div><button type="button" part="button" @click=${() => actions.end(each)}>${texts.end}</button></div>`
              : nothing
          }
        </li>`,
      )}
    </ul>
    ${held.length === 1 ? html`<p class="notice advice" part="notice">${texts.onlyOne}</p>` : nothing}
    <div class="actions">
      ${
        canUsePasskeys()
          ? html`<button type="button" class="primary" part="button-primary" @click=${actions.addPasskey}>
            ${texts.addPasskey}
          </button>`
          : nothing
      }
      ${
        method === 'passkey'
          ? html`<button type="button" part="button" @click=${actions.addDevice}>${texts.addDevice}</button>`
          : nothing
      }
    </div>
    ${renderGuardians(words, { guardians: entry?.guardians, account, actions })}`
}

/** What will be signed, read from its bytes. */
export function renderAct(words: Words, act: AccountAct): TemplateResult {
  const { messages, language } = words
  const texts = textsFor(language)
  const name = (text: string): TemplateResult => html`<bdi>${cleanText(text, 120)}</bdi>`
  const code = (text: string): TemplateResult => html`<bdi class="code" dir="ltr">${text}</bdi>`
  return html`<h3 class="phase-heading" tabindex="-1">${texts.reviewHeading}</h3>
    ${renderRows([
      { label: messages.sign.service, value: name(localize(act.serviceTitle, language)) },
      { label: messages.sign.transition, value: name(localize(act.transitionLabel, language)) },
      ...Object.entries(act.args).map(([argument, value]) => ({
        label: labelOf(texts, argument),
        value: argumentTexts(argument, value).map(text => html`<div>${code(text)}</div>`),
      })),
      { label: messages.sign.validUntil, value: formatCount(act.validUntil, language) },
    ])}`
}

/** As people compare it, whole: a key begins with what the list shows of it. */
function argumentTexts(name: string, value: Json): readonly string[] {
  if (name === 'algorithm') return [value === Algorithm.p256 ? 'P-256' : 'Ed25519']
  if (name === 'key' && typeof value === 'string') {
    const bytes = parseBase64Url(value)
    return [shortKey(bytes), value]
  }
  const list = Array.isArray(value) ? value : [value]
  return list.map(each => {
    if (typeof each !== 'string') return formatJson(each)
    return name === 'guardians' ? formatHex(parseBase64Url(each)) : each
  })
}

function labelOf(texts: KeysMessages, name: string): string {
  const labels: Readonly<Record<string, string>> = {
    algorithm: texts.argumentAlgorithm,
    key: texts.argumentKey,
    origins: texts.argumentPages,
    rpId: texts.argumentRpId,
    guardians: texts.argumentGuardians,
    threshold: texts.argumentThreshold,
  }
  return labels[name] ?? name
}

function renderRecovery(
  words: Words,
  { key, readyTime }: PendingRecovery,
  { cancelRecovery }: KeyActions,
): TemplateResult {
  const { messages, language } = words
  const texts = textsFor(language)
  const time = formatDate(readyTime, { language, withTime: true, unknown: messages.verify.unknownTime })
  return html`<div class="notice fields" part="notice" role="alert">
    <b>${texts.recoveryHeading}</b>
    <p>${renderParts(fill(texts.recoveryText, { time, key: shortKey(key.bytes) }))}</p>
    <div>
      <button type="button" class="primary" part="button-primary" @click=${cancelRecovery}>
        ${texts.cancelRecovery}
      </button>
    </div>
  </div>`
}

function renderGuardians(
  words: Words,
  given: { readonly guardians: Guardians | undefined; readonly account: Uint8Array; readonly actions: KeyActions },
): TemplateResult {
  const { guardians, account, actions } = given
  const texts = textsFor(words.language)
  const count = String(guardians?.threshold ?? 0)
  const total = String(guardians?.accounts.length ?? 0)
  const set = (event: Event): void => {
    const root = (event.currentTarget as HTMLElement).getRootNode() as ShadowRoot
    const text = root.querySelector<HTMLTextAreaElement>('#guardians')!
    const number = root.querySelector<HTMLInputElement>('#threshold')!
    const accounts = readAccounts(text.value, formatHex(account))
    const threshold = Number(number.value)
    const fits = accounts && Number.isInteger(threshold) && threshold >= 1 && threshold <= accounts.length
    text.setCustomValidity(fits ? '' : texts.badGuardians)
    if (fits) actions.setGuardians(accounts, threshold)
    else text.reportValidity()
  }
  return html`<details>
    <summary>${guardians ? renderParts(fill(texts.guardians, { count, total })) : texts.guardiansNone}</summary>
    <div class="fields">
      <p class="muted">${texts.guardiansLead}</p>
      <label for="guardians">${texts.guardiansLabel}</label>
      <textarea id="guardians" class="code" dir="ltr" rows="3" spellcheck="false"
        .value=${guardians?.accounts.map(formatHex).join('\n') ?? ''}></textarea>
      <label for="threshold">${texts.threshold}</label>
      <input id="threshold" type="number" min="1" max="16" .value=${guardians ? count : '2'} />
      <div><button type="button" part="button" @click=${set}>${texts.setGuardians}</button></div>
    </div>
  </details>`
}

function readAccounts(text: string, own: string): readonly Uint8Array[] | undefined {
  const texts = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(each => each !== '')
  const fits = texts.every(each => /^[0-9a-f]{64}$/.test(each) && each !== own)
  return fits && texts.length > 0 && new Set(texts).size === texts.length ? texts.map(parseHex) : undefined
}

/** Enough of a key to tell it from another. */
function shortKey(bytes: Uint8Array): string {
  return formatHex(bytes.slice(-6)).replace(/(.{4})(?=.)/g, '$1 ')
}
