// The parts of <muniment-keys> that only show.

import { formatHex, type Guardians, type HeldKey, isIdentityKey, localize, type PendingRecovery } from '@muniment/sdk'
import { html, nothing, type TemplateResult } from 'lit'
import { formatCount, formatDate } from '../format.ts'
import { type KeysMessages, keysMessages as textsFor } from '../messages/keys.ts'
import { cleanText, fill, fillParts, type Part, renderParts } from '../text.ts'
import type { Words } from '../verify/describe.ts'
import { renderRows } from '../verify/render.ts'
import type { Account, AccountAct } from './account.ts'
import { canUsePasskeys } from './methods.ts'
import { deadlineRows } from './render.ts'
import { argumentRows, shortKey } from './render-act.ts'
import { type DelegationActions, renderDelegations } from './render-delegations.ts'
import { readAccountId, renderFindLost } from './render-lost.ts'

type KeyActions = DelegationActions & {
  readonly findLost: (account: Uint8Array) => void
  readonly end: (held: HeldKey) => void
  readonly addPasskey: () => void
  readonly addDevice: () => void
  readonly begin: () => void
  readonly cancelRecovery: () => void
  readonly setGuardians: (guardians: readonly Uint8Array[], threshold: number) => void
}

type Given = Account & { readonly actions: KeyActions }

export function renderAccount(words: Words, given: Given): TemplateResult {
  const { key, entry, actions, origins, isCapable } = given
  const texts = textsFor(words.language)
  const { signer, account, method } = key
  const own: HeldKey = { key: signer.key, fromHeight: 0n, endedHeight: 0n, passkey: undefined, isIdentity: false }
  const held = entry?.keys.filter(each => each.endedHeight === 0n) ?? [own]
  const isOwn = (each: HeldKey): boolean => formatHex(each.key.bytes) === formatHex(signer.key.bytes)
  const isWeighty = (each: HeldKey): boolean => (entry ? isIdentityKey(each, origins) : isCapable)
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
            ${isWeighty(each) ? nothing : html`<span class="muted">${texts.lightKey}</span>`}
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
            held.length > 1 && isCapable
              ? html`<div><button type="button" part="button" @click=${() => actions.end(each)}>${texts.end}</button></div>`
              : nothing
          }
        </li>`,
      )}
    </ul>
    ${held.length === 1 ? html`<p class="notice advice" part="notice">${texts.onlyOne}</p>` : nothing}
    ${isCapable ? nothing : renderPlace(words, given)}
    <div class="actions">
      ${
        canUsePasskeys() && (isCapable || !origins.includes(location.origin))
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
    ${isCapable ? renderGuardians(words, { guardians: entry?.guardians, account, actions }) : nothing}
    ${renderDelegations(words, { account: given, actions })} ${renderFindLost(words, actions.findLost)}`
}

/** Why some of what one does with keys is not done here, and where it is. */
function renderPlace(words: Words, { origins, actions }: Given): TemplateResult {
  const texts = textsFor(words.language)
  const [origin] = origins
  if (origin === undefined || origins.includes(location.origin)) {
    return html`<div class="notice advice fields" part="notice">
      <p>${texts.light}</p>
      ${
        canUsePasskeys() && origin !== undefined
          ? html`<div><button type="button" part="button" @click=${actions.begin}>${texts.begin}</button></div>`
          : nothing
      }
    </div>`
  }
  const address = new URL('/identity', origin)
  const host = html`<a part="link" href=${address.href} target="_blank" rel="noopener noreferrer">${address.host}</a>`
  return html`<p class="notice advice" part="notice">${fillWith(texts.elsewhere, host)}</p>`
}

/** A text with one place in it for something to press. */
function fillWith(text: string, inside: TemplateResult): TemplateResult {
  const [before, after] = text.split(/\{\w+\}/)
  return html`${before}${inside}${after}`
}

/** What will be signed, read from its bytes. */
export function renderAct(words: Words, act: AccountAct): TemplateResult {
  const { messages, language } = words
  const texts = textsFor(language)
  const name = (text: string): TemplateResult => html`<bdi>${cleanText(text, 120)}</bdi>`
  return html`<h3 class="phase-heading" tabindex="-1">${texts.reviewHeading}</h3>
    ${renderRows([
      { label: messages.sign.service, value: name(localize(act.serviceTitle, language)) },
      { label: messages.sign.transition, value: name(localize(act.transitionLabel, language)) },
      ...argumentRows(words, act.args),
      ...deadlineRows({ height: act.validUntil, time: act.deadline }, words),
    ])}
    ${act.unknown.length > 0 ? renderUnknown(texts, act.unknown) : nothing}`
}

/** A mistyped account is as good as any other to the ledger, and no good to anybody. */
function renderUnknown(texts: KeysMessages, accounts: readonly Uint8Array[]): TemplateResult {
  const names = accounts.flatMap((each, index): readonly Part[] => [
    ...(index > 0 ? [{ kind: 'words', text: ' ' } as const] : []),
    { kind: 'value', text: `${formatHex(each).slice(0, 12)}…` },
  ])
  const parts = fillParts(texts.unknownAccounts, { accounts: names })
  return html`<p class="notice advice" part="notice">${renderParts(parts)}</p>`
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
  const texts = text.split(/[\s,]+/).filter(each => each !== '')
  const accounts = texts.map(readAccountId)
  const fits = accounts.every(each => each !== undefined && formatHex(each) !== own)
  const isSet = new Set(texts.map(each => each.toLowerCase())).size === texts.length
  return fits && texts.length > 0 && isSet ? (accounts as readonly Uint8Array[]) : undefined
}
